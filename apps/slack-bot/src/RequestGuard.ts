import { Clock, Effect, Ref } from "effect"

/** A request that Slack has signed, and whether it is to be let in. */
export type Admission = "admitted" | "future timestamp" | "replay"

/** Seconds that a sender's clock may be ahead of ours. */
const ahead = 60
/** Seconds that a signature is remembered: longer than one is accepted (300), counted from the latest time it may bear. */
const remembered = 600

/**
 * Lets each signed request in once. Bolt refuses signatures older than 5 minutes, but neither those of the future nor one
 * that comes twice.
 *
 * Only signatures that were verified may be asked about: each is remembered.
 */
export const makeRequestGuard: Effect.Effect<(signature: string, seconds: number) => Effect.Effect<Admission>> =
  Effect.map(
    Ref.make<ReadonlyMap<string, number>>(new Map()),
    (known) => (signature, seconds) =>
      Effect.flatMap(Clock.currentTimeMillis, (millis) => {
        const now = millis / 1000
        if (!(seconds <= now + ahead)) return Effect.succeed<Admission>("future timestamp")
        return Ref.modify(known, (all): readonly [Admission, ReadonlyMap<string, number>] => {
          if (all.has(signature)) return ["replay", all]
          const fresh = [...all].filter(([, until]) => until > now)
          return ["admitted", new Map(fresh).set(signature, now + remembered)]
        })
      })
  )

/** Why a request was refused whose signature did not verify. `seconds` is its own timestamp. */
export const refusalOf = (seconds: number): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) => (seconds < now / 1000 - 300 ? "stale timestamp" : "forged signature"))
