export interface Limiter {
  /** Requests that the upstream lets through in any one window. */
  readonly limit: number
  /** Of these, how many are left to others. */
  readonly reserve: number
  readonly windowMillis: number
}

/**
 * The shortest time in which so many requests can be sent without a 429, by anybody: milliseconds from the first to the
 * last, replies that take no time, an empty window at the start.
 *
 * In any window no more than `limit - reserve` may go, so request n can go one window after request n - (limit -
 * reserve) and not earlier: whole windows pass, one for each full one before the last request.
 */
export const optimumMillis = (requests: number, { limit, reserve, windowMillis }: Limiter): number =>
  requests < 1 ? 0 : Math.floor((requests - 1) / Math.max(1, limit - reserve)) * windowMillis

/** A reading, one request a key, and the proof. */
export const requestsFor = (keys: number): number => keys + 2
