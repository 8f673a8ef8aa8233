import type { StoredAccount } from "./AccountState.ts"
import { userIdOf } from "./AccountState.ts"
import type { Received } from "./Call.ts"
import type { Caller } from "./Caller.ts"
import { bearerOf } from "./Caller.ts"
import { isPremium, rpmOf } from "./Plan.ts"
import type { Refusal } from "./Refusal.ts"
import { refusal } from "./Refusal.ts"
import { parseTarget } from "./Target.ts"
import type { Bucket, Verdict, WindowRules } from "./Window.ts"
import { admit, emptyBucket, look } from "./Window.ts"
import type { World } from "./World.ts"

export interface Limited {
  /** Set: the request goes no further. */
  readonly refused: Refusal | undefined
  readonly headers: { readonly [name: string]: string }
}

/**
 * Counts one request of a known caller, whatever becomes of it. Nobody's requests are not counted: there is no plan to
 * count them against; their headers show a full window.
 */
export const limit = (received: Received, caller: Caller, world: World): Limited => {
  const { switches } = world
  if (caller._tag === "Nobody") {
    const verdict = look(emptyBucket(), world.clock.now(), rulesFor(world.accounts[0], world))
    return { refused: undefined, headers: headersOf(verdict) }
  }
  const bearer = bearerOf(received.headers["authorization"])
  const bucket = bucketOf(switches.limiterScope === "key" ? bearer : userIdOf(caller.account), world)
  const rules = rulesFor(caller.account, world)
  const now = world.clock.now()
  const verdict = isFree(received, bucket, now, world) ? look(bucket, now, rules) : admit(bucket, now, rules)
  if (!verdict.admitted) {
    const left = Math.ceil(((verdict.resetAt - now) * world.timeScale) / 1000)
    const seconds = switches.cooldownMessage === "countdown" ? left : switches.cooldown
    return {
      refused: refusal(429, `Rate limit exceeded. Try again in ${seconds} seconds.`),
      headers: { ...headersOf(verdict), ...(switches.retryAfter ? { "Retry-After": String(left) } : {}) }
    }
  }
  return { refused: tooManyKeys(received.address, bearer, caller.account, world), headers: headersOf(verdict) }
}

const rulesFor = (account: StoredAccount, { switches, timeScale }: World): WindowRules => ({
  limit: account.rpm ?? switches.rpm ?? rpmOf(account.plan),
  windowMillis: 60_000 / timeScale,
  cooldownMillis: (switches.cooldown * 1000) / timeScale,
  cooldownExtends: switches.cooldownExtends
})

const bucketOf = (owner: string, world: World): Bucket => {
  const existing = world.buckets.get(owner)
  if (existing !== undefined) return existing
  const bucket = emptyBucket()
  world.buckets.set(owner, bucket)
  return bucket
}

const headersOf = (verdict: Verdict) => ({
  "X-RateLimit-Limit": String(verdict.limit),
  "X-RateLimit-Remaining": String(verdict.remaining),
  "X-RateLimit-Reset": String(Math.ceil(verdict.resetAt / 1000))
})

/** The usage page lets `user/me` be read once a minute without drawing on the quota, where the switch believes it. */
const isFree = (received: Received, bucket: Bucket, now: number, world: World): boolean => {
  if (!world.switches.freeUserMe || now < bucket.cooldownEnds) return false
  if (!/^(?:\/v1)?\/user\/me$/.test(parseTarget(received.target).path)) return false
  if (now < (bucket.freeReadAt ?? Number.NEGATIVE_INFINITY) + 60_000 / world.timeScale) return false
  bucket.freeReadAt = now
  return true
}

/** At most so many API keys from one address, on free plans. Source: getting-started/rate-limits. */
const tooManyKeys = (address: string, bearer: string, account: StoredAccount, world: World): Refusal | undefined => {
  const { ipKeyLimit } = world.switches
  if (ipKeyLimit === 0 || isPremium(account.plan)) return undefined
  const seen = world.keysOfAddress.get(address) ?? new Set()
  world.keysOfAddress.set(address, seen)
  if (seen.has(bearer)) return undefined
  if (seen.size < ipKeyLimit) {
    seen.add(bearer)
    return undefined
  }
  const message = `IP address limit reached. Maximum ${ipKeyLimit} API keys for IP ${address}. Please upgrade to a premium plan to bypass this limit.`
  return { ...refusal(403, message), type: "error" }
}
