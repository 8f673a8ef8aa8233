import { Option, Schema } from "effect"

/**
 * What is known of an account's rate limit, as a value. All times are Unix milliseconds; all of it may be shared by
 * processes through a `PacerStore`.
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
  /** When each request that somebody else made, seen by the headers, stops counting. */
  foreign: Schema.Array(Schema.Number),
  cooldownUntil: Schema.NullOr(Schema.Number)
})
export type PacerState = typeof PacerState.Type

export const empty: PacerState = { limit: null, slots: [], foreign: [], cooldownUntil: null }

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

/** Takes a slot, or says when to ask again. Never grants during a known cooldown. */
export const reserve = (before: PacerState, rules: PacerRules, id: string, now: number): Reservation => {
  const state = current(before, rules, now)
  if (state.cooldownUntil !== null) {
    return { granted: false, state, wait: { until: state.cooldownUntil, reason: "cooldown" } }
  }
  // Until a reply has named the limit, requests go one at a time.
  if (state.limit === null && state.slots.some((slot) => slot.open)) {
    return { granted: false, state, wait: { until: now + 20, reason: "first reply" } }
  }
  const taken = [...state.slots.map((slot) => slot.freeAt), ...state.foreign].sort((a, b) => a - b)
  const room = capacity(state, rules) - taken.length
  if (room <= 0) {
    return { granted: false, state, wait: { until: taken[-room] ?? now + rules.window, reason: "window" } }
  }
  const freeAt = now + rules.requestTimeout + rules.window + rules.margin
  return { granted: true, state: { ...state, slots: [...state.slots, { id, sentAt: now, freeAt, open: true }] } }
}

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
  const slots = before.slots.map((slot) => (slot.id === id ? { ...slot, freeAt, open: false } : slot))
  const state = current({ ...before, slots }, rules, now)
  if (Option.isNone(headers)) return state
  const { limit, remaining } = headers.value
  // Our own requests that the upstream certainly still counts; the rest of what it counts is somebody else's.
  const ours = slots.filter((slot) => slot.sentAt > now - rules.window && (!slot.open || slot.id === id)).length
  const others = Math.max(0, limit - remaining - ours)
  const known = state.foreign.slice(Math.max(0, state.foreign.length - others))
  const fresh = Array.from({ length: Math.max(0, others - known.length) }, () => freeAt)
  return { ...state, limit, foreign: [...known, ...fresh] }
}

/** A 429 was answered: nothing may be sent until the cooldown's end. */
export const lockedOut = (state: PacerState, rules: PacerRules, now: number, cooldown: number): PacerState => ({
  ...state,
  cooldownUntil: Math.max(state.cooldownUntil ?? 0, now + cooldown + rules.margin)
})

/**
 * Milliseconds until the last of `requests` further requests may go, if nobody else uses the account and replies take
 * `latency` milliseconds each.
 */
export const estimate = (before: PacerState, rules: PacerRules, requests: number, now: number, latency = 0): number => {
  const state = current(before, rules, now)
  const free = [...state.slots.map((slot) => slot.freeAt), ...state.foreign].sort((a, b) => a - b)
  const room = Math.max(1, capacity(state, rules))
  let at = Math.max(now, state.cooldownUntil ?? now)
  for (let sent = 0; sent < requests; sent++) {
    const waitFor = free.length - room
    if (waitFor >= 0) at = Math.max(at, free[waitFor] ?? at)
    at += latency
    free.push(at + rules.window + rules.margin)
  }
  return at - now
}

/** Requests that we may have in one window. */
export const capacity = (state: PacerState, rules: PacerRules): number => {
  const limit = state.limit ?? assumedLimit
  return Math.max(1, limit - rules.reserve)
}

/** Drops what no longer counts. A clock that was set back cannot lock anybody out for longer than one full wait. */
const current = (state: PacerState, rules: PacerRules, now: number): PacerState => {
  const latest = now + rules.requestTimeout + rules.window + rules.margin
  return {
    ...state,
    slots: state.slots
      .filter((slot) => slot.freeAt > now)
      .map((slot) => ({ ...slot, freeAt: Math.min(slot.freeAt, latest) })),
    foreign: state.foreign.filter((freeAt) => freeAt > now).map((freeAt) => Math.min(freeAt, latest)),
    cooldownUntil: state.cooldownUntil !== null && state.cooldownUntil > now ? state.cooldownUntil : null
  }
}
