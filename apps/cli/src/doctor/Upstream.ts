import { Pacer } from "@keysweep/core/Pacer"
import { read, type Reading } from "@keysweep/revocation/Inventory"
import { Clock, DateTime, Duration, Effect } from "effect"
import { counted, duration } from "../render/Words.ts"
import { type Judged, ok, warn } from "./Check.ts"
import { failed } from "./Machine.ts"

/** What one reading of the account tells: whether the key works, the dialect, the limit, the clock. */
export const upstream = Effect.gen(function* () {
  const reading = yield* read
  const { keys, unreadable } = reading.listing
  const dialect = reading.dialect === null ? "its dialect shows with the first key" : `dialect ${reading.dialect}`
  const account = `${reading.account} answers: ${counted(keys.length, "key")}, ${dialect}`
  return [
    unreadable.length === 0
      ? ok("account", account)
      : warn(
          "account",
          `${account}; ${counted(unreadable.length, "record")} could not be read, so nothing is done in bulk`,
          "keysweep list   (shows what is wrong with them)"
        ),
    yield* limit,
    clock(reading)
  ]
}).pipe(Effect.catchAll((error) => Effect.succeed([failed("account", error)])))

const limit: Effect.Effect<Judged, never, Pacer> = Effect.gen(function* () {
  const pacer = yield* Pacer
  const now = yield* Clock.currentTimeMillis
  const { cooldownUntil, foreign, limit, slots } = yield* pacer.state
  if (cooldownUntil !== null && cooldownUntil > now) {
    return warn("rate limit", "the account is locked by its rate limit", `wait ${duration(cooldownUntil - now)}`)
  }
  if (limit === null) {
    return warn("rate limit", "no reply has named it, so five a minute are assumed", "nothing to do: it is only slower")
  }
  const taken = slots.filter(({ freeAt }) => freeAt > now).length + foreign.filter((at) => at > now).length
  const left = Math.max(0, limit - taken)
  return ok("rate limit", `${counted(limit, "request")} a minute, ${left} of them free now`)
}).pipe(Effect.catchAll((error) => Effect.succeed(failed("rate limit", error))))

/** Plans and soaks end by this machine's clock; keys expire by the upstream's. */
const clock = ({ at, listing }: Reading): Judged => {
  if (listing.answeredAt === null) return ok("clock", "the upstream does not tell its own")
  const apart = Math.abs(DateTime.distance(at, listing.answeredAt))
  return apart <= Duration.toMillis(tolerated)
    ? ok("clock", "as the upstream's")
    : warn("clock", `${duration(apart)} apart from the upstream's`, "set this machine's clock (NTP)")
}

/** `Date` has whole seconds, and a reading takes its time. */
const tolerated = Duration.seconds(30)
