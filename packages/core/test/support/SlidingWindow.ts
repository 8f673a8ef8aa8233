const window = 60_000
const lockOut = 180_000

/**
 * The upstream's limiter, written from the documents alone (`getting-started/rate-limits`): `limit` requests in any
 * 60 s, failed ones counted, and 180 s of 429 after one excess. It shares nothing with the pacer.
 */
export class SlidingWindow {
  private arrivals: Array<{ readonly at: number; readonly who: string }> = []
  private lockedUntil = -1
  readonly refused: Array<{ readonly at: number; readonly who: string; readonly inLockOut: boolean }> = []
  limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  /** One request that arrives at `at`: arrivals come in the order of time. */
  hit(
    at: number,
    who: string
  ): { readonly allowed: boolean; readonly limit: number; readonly remaining: number; readonly retryAfter: number } {
    this.arrivals = this.arrivals.filter((it) => it.at > at - window)
    const locked = at < this.lockedUntil
    const allowed = !locked && this.arrivals.length < this.limit
    if (!locked) this.arrivals.push({ at, who })
    if (!allowed) {
      this.refused.push({ at, who, inLockOut: locked })
      if (!locked) this.lockedUntil = at + lockOut
    }
    return {
      allowed,
      limit: this.limit,
      remaining: Math.max(0, this.limit - this.arrivals.length),
      retryAfter: Math.max(0, this.lockedUntil - at)
    }
  }
}
