import { Option, Schema } from "effect"
import { current, takenUntil } from "./PacerAging.ts"
import { othersAfter } from "./PacerOthers.ts"

/**
 * What is known of an account's rate limit, as a value. All times are milliseconds of one clock; all of it may be
 * shared by processes through a `PacerStore`.
 *
 * The upstream allows `limit` requests in a sliding window of 60 s, counts every call, failed ones too, and after one
 * excess answers nothing but 429 for 180 s (docs.electronhub.ai, `getting-started/rate-limits`).
 */
export const PacerState = Schema.Struct({
  /** Requests per window, from `X-RateLimit-Limit`; `null` until a reply has said it. */
  limit: Schema.NullOr(Schema.Int),
  /** Requests of ours that still count. `freeAt` is a worst case until the reply is in. */
  slots: Schema.Array(
    Schema.Struct({ id: Schema.String, sentAt: Schema.Number, freeAt: Schema.Number, open: Schema.Boolean })
  ),
  /** When each request that somebody else made, seen by the headers, stops counting; ascending. */
  foreign: Schema.Array(Schema.Number),
  cooldownUntil: Schema.NullOr(Schema.Number),
  cooldownSince: Schema.optionalWith(Schema.NullOr(Schema.Number), { default: () => null }),
  /** When the latest request left whose reply had `X-RateLimit-*` headers. */
  heardAt: Schema.optionalWith(Schema.NullOr(Schema.Number), { default: () => null })
})
export type PacerState = typeof PacerState.Type
export type Slot = PacerState["slots"][number]

export const empty: PacerState = {
  limit: null,
  slots: [],
  foreign: [],
  cooldownUntil: null,
  cooldownSince: null,
  heardAt: null
}

export interface PacerRules {
  /** Milliseconds. */
  readonly window: number
  /** Milliseconds that a slot stays taken beyond its window, against clocks that differ a little. */
  readonly margin: number
  /** Milliseconds after which a request without a reply cannot reach the upstream any more. */
  readonly requestTimeout: number
  /** Requests per window left for others. */
  readonly reserve: number
}

export const rules = (options: {
  readonly timeScale: number
  readonly reserve: number
  readonly requestTimeout: number
}): PacerRules => {
  const window = 60_000 / options.timeScale
  return {
    window,
    margin: Math.max(20, window * 0.005),
    requestTimeout: options.requestTimeout,
    reserve: options.reserve
  }
}

/** The lowest plan's limit (Free): what is assumed until the first reply names the real one. */
export const assumedLimit = 5

export type Wait = { readonly until: number; readonly reason: "window" | "cooldown" | "first reply" }

export type Reservation =
  | { readonly granted: true; readonly state: PacerState }
  | { readonly granted: false; readonly state: PacerState; readonly wait: Wait }

/** Takes a slot for each id in one step, or says when to ask again. Never grants during a known cooldown. */
export const reserve = (
  before: PacerState,
  rules: PacerRules,
  ids: ReadonlyArray<string>,
  now: number
): Reservation => {
  const state = current(before, rules, now)
  if (state.cooldownUntil !== null) {
    return { granted: false, state, wait: { until: state.cooldownUntil, reason: "cooldown" } }
  }
  const most = Math.max(capacity(state, rules), Math.min(ids.length, state.limit ?? assumedLimit))
  const taken = takenUntil(state, now, (slot) => Math.min(slot.freeAt, now + rules.window + rules.margin))
  const missing = Math.min(ids.length, most) + taken.length - most
  if (missing > 0) {
    return { granted: false, state, wait: { until: taken[missing - 1] ?? now + rules.window, reason: "window" } }
  }
  // What was heard long ago says nothing of the limit and of others now, and where others use the account what is
  // under way hides what they do: then a request goes alone and asks.
  const heard = state.heardAt !== null && now - state.heardAt <= rules.window / 2
  const asking = state.slots.filter((slot) => slot.open && now < slot.sentAt + rules.requestTimeout).length
  if (asking > 0 && (!heard || (state.foreign.length > 0 && most - taken.length <= asking))) {
    return { granted: false, state, wait: { until: now + 50, reason: "first reply" } }
  }
  return { granted: true, state: hold(state, rules, ids, now) }
}

/** Counts these requests as sent now, whatever the limit says. */
export const hold = (before: PacerState, rules: PacerRules, ids: ReadonlyArray<string>, now: number): PacerState => {
  const state = current(before, rules, now)
  const freeAt = now + rules.requestTimeout + rules.window + rules.margin
  const others = state.slots.filter((slot) => !ids.includes(slot.id))
  return { ...state, slots: [...others, ...ids.map((id) => ({ id, sentAt: now, freeAt, open: true }))] }
}

/** Gives back slots whose requests were never sent. */
export const release = (state: PacerState, ids: ReadonlyArray<string>): PacerState => ({
  ...state,
  slots: state.slots.filter((slot) => !ids.includes(slot.id))
})

/** No reply will come, and when or whether the request arrived is not known: the worst case stands. */
export const abandon = (state: PacerState, id: string): PacerState => ({
  ...state,
  slots: state.slots.map((slot) => (slot.id === id ? { ...slot, open: false } : slot))
})

/** What the `X-RateLimit-*` headers of one reply said. */
export interface RateHeaders {
  readonly limit: number
  readonly remaining: number
}

/** A reply is in: its slot is free one window (and a margin) from now, and its headers tell what others used. */
export const settle = (
  before: PacerState,
  rules: PacerRules,
  id: string,
  now: number,
  headers: Option.Option<RateHeaders>
): PacerState => {
  const freeAt = now + rules.window + rules.margin
  const sentAt = before.slots.find((slot) => slot.id === id)?.sentAt ?? now
  const slots = before.slots.map((slot) => (slot.id === id ? { ...slot, freeAt, open: false } : slot))
  const state = current({ ...before, slots }, rules, now)
  if (Option.isNone(headers)) return state
  const { limit, remaining } = headers.value
  const latest = state.heardAt === null || sentAt >= state.heardAt
  return {
    ...state,
    limit: latest || state.limit === null ? limit : Math.min(limit, state.limit),
    heardAt: latest ? sentAt : state.heardAt,
    foreign: othersAfter(before, rules, { id, sentAt, now, used: limit - remaining })
  }
}

/**
 * A 429 was answered: nothing may be sent until the cooldown's end. Its end is as exact as can be, because where others
 * hammer the account the first moment is the only one.
 */
export const lockedOut = (state: PacerState, now: number, cooldown: number): PacerState => ({
  ...state,
  cooldownUntil: Math.max(state.cooldownUntil ?? 0, now + cooldown + Math.max(2, cooldown * 0.0002)),
  cooldownSince: now
})

/**
 * Milliseconds until the last of `requests` further requests has its reply, if nobody else uses the account and one
 * request follows the other `latency` milliseconds later.
 */
export const estimate = (before: PacerState, rules: PacerRules, requests: number, now: number, latency = 0): number => {
  const state = current(before, rules, now)
  const free = takenUntil(state, now, (slot) => Math.min(slot.freeAt, now + latency + rules.window + rules.margin))
  const most = capacity(state, rules)
  let at = Math.max(now, state.cooldownUntil ?? now)
  for (let sent = 0; sent < requests; sent++) {
    at = Math.max(at, free[free.length - most] ?? at) + latency
    free.push(at + rules.window + rules.margin)
  }
  return at - now
}

/** Requests that we may have in one window. */
export const capacity = (state: PacerState, rules: PacerRules): number => {
  const limit = state.limit ?? assumedLimit
  return Math.max(1, limit - rules.reserve)
}
