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
  const counted = rules.window + rules.margin
  const live = state.slots.filter((slot) => !slot.open || slot.freeAt > now)
  const oldest = live.reduce((least, slot) => (slot.open ? Math.min(least, slot.sentAt) : least), now)
  const cooldownUntil =
    state.cooldownUntil !== null && state.cooldownSince !== null && now < state.cooldownSince
      ? now + state.cooldownUntil - state.cooldownSince
      : state.cooldownUntil
  const locked = cooldownUntil !== null && cooldownUntil > now
  const bounded = (slot: Slot): Slot => {
    if (slot.sentAt <= now) return slot
    const latest = now + counted + (slot.open ? rules.requestTimeout : 0)
    return { ...slot, sentAt: now, freeAt: Math.min(slot.freeAt, latest) }
  }
  // What others did has passed out of the window by our reckoning; whether they went on only the next reply can tell.
  const forgotten = state.foreign.filter((freeAt) => freeAt <= now)
  const heardAt = Math.min(state.heardAt ?? now, now, ...forgotten.map((freeAt) => freeAt - rules.window))
  return {
    limit: state.limit,
    slots: live.filter((slot) => slot.freeAt > oldest).map(bounded),
    foreign: state.foreign.filter((freeAt) => freeAt > now).map((freeAt) => Math.min(freeAt, now + counted)),
    cooldownUntil: locked ? cooldownUntil : null,
    cooldownSince: locked && state.cooldownSince !== null ? Math.min(state.cooldownSince, now) : null,
    heardAt: state.heardAt === null ? null : heardAt
  }
}

/** Whether the clock was set back since this was written: then what is said of the time ahead must be written anew. */
export const isAhead = (state: PacerState, now: number): boolean =>
  state.slots.some((slot) => slot.sentAt > now) || (state.cooldownSince ?? now) > now || (state.heardAt ?? now) > now
