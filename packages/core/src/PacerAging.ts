import type { PacerRules, PacerState, Slot } from "./PacerState.ts"

/** When each request that counts now stops counting, ascending. */
export const takenUntil = (state: PacerState, now: number, until: (slot: Slot) => number): Array<number> =>
  [...state.slots.map((slot) => (slot.open ? until(slot) : slot.freeAt)), ...state.foreign]
    .filter((freeAt) => freeAt > now)
    .sort((a, b) => a - b)

/**
 * Drops what no longer counts, but for slots that a request still under way may have met at the upstream. A clock that
 * was set back cannot lock anybody out for longer than one full wait.
 */
export const current = (state: PacerState, rules: PacerRules, now: number): PacerState => {
  const latest = now + rules.requestTimeout + rules.window + rules.margin
  const live = state.slots.filter((slot) => !slot.open || slot.freeAt > now)
  const oldest = live.reduce((least, slot) => (slot.open ? Math.min(least, slot.sentAt) : least), now)
  const cooldownUntil =
    state.cooldownUntil !== null && state.cooldownSince !== null && now < state.cooldownSince
      ? now + state.cooldownUntil - state.cooldownSince
      : state.cooldownUntil
  const locked = cooldownUntil !== null && cooldownUntil > now
  return {
    limit: state.limit,
    slots: live
      .filter((slot) => slot.freeAt > oldest)
      .map((slot) =>
        slot.freeAt > latest || slot.sentAt > now
          ? { ...slot, sentAt: Math.min(slot.sentAt, now), freeAt: Math.min(slot.freeAt, latest) }
          : slot
      ),
    foreign: state.foreign.filter((freeAt) => freeAt > now).map((freeAt) => Math.min(freeAt, latest)),
    cooldownUntil: locked ? cooldownUntil : null,
    cooldownSince: locked && state.cooldownSince !== null ? Math.min(state.cooldownSince, now) : null,
    heardAt: state.heardAt === null ? null : Math.min(state.heardAt, now)
  }
}
