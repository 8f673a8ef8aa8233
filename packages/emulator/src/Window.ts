/** The calls of one caller in the sliding window, and the end of its cooldown. */
export interface Bucket {
  /** Unix milliseconds of each counted call, oldest first. */
  readonly calls: Array<number>
  /** Unix milliseconds; 0: none. */
  cooldownEnds: number
  /** Unix milliseconds of the last read of `user/me` that was not counted. */
  freeReadAt?: number
}

export interface WindowRules {
  readonly limit: number
  readonly windowMillis: number
  readonly cooldownMillis: number
  /** Whether a call during the cooldown starts it again. */
  readonly cooldownExtends: boolean
}

/** What the limiter says of one call, and what the `X-RateLimit-*` headers then show. */
export interface Verdict {
  readonly admitted: boolean
  readonly limit: number
  readonly remaining: number
  /** Unix milliseconds: when the oldest counted call leaves the window, or the cooldown ends. */
  readonly resetAt: number
}

export const emptyBucket = (): Bucket => ({ calls: [], cooldownEnds: 0 })

/**
 * Counts one call. R calls are let through in any window; the next one starts the cooldown, in which nothing is let
 * through even when the window has cleared. Calls that are turned away take no place in the window.
 *
 * Source: getting-started/rate-limits.
 */
export const admit = (bucket: Bucket, now: number, rules: WindowRules): Verdict => {
  forgetOld(bucket, now - rules.windowMillis)
  if (now < bucket.cooldownEnds) {
    if (rules.cooldownExtends) bucket.cooldownEnds = now + rules.cooldownMillis
    return { admitted: false, limit: rules.limit, remaining: 0, resetAt: bucket.cooldownEnds }
  }
  if (bucket.calls.length >= rules.limit) {
    bucket.cooldownEnds = now + rules.cooldownMillis
    return { admitted: false, limit: rules.limit, remaining: 0, resetAt: bucket.cooldownEnds }
  }
  bucket.calls.push(now)
  return look(bucket, now, rules)
}

/** The same without counting a call. */
export const look = (bucket: Bucket, now: number, rules: WindowRules): Verdict => {
  forgetOld(bucket, now - rules.windowMillis)
  const coolingDown = now < bucket.cooldownEnds
  const oldest = bucket.calls[0]
  return {
    admitted: !coolingDown,
    limit: rules.limit,
    remaining: coolingDown ? 0 : Math.max(0, rules.limit - bucket.calls.length),
    resetAt: coolingDown ? bucket.cooldownEnds : oldest === undefined ? now : oldest + rules.windowMillis
  }
}

const forgetOld = (bucket: Bucket, until: number): void => {
  const kept = bucket.calls.findIndex((at) => at > until)
  bucket.calls.splice(0, kept === -1 ? bucket.calls.length : kept)
}
