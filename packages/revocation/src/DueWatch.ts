import { DateTime, Effect, Either } from "effect"
import type { DueReport, Soaking } from "./DueReport.ts"
import { outcomeOfError, type SweepError } from "./SweepError.ts"

/**
 * Calls `runDue` at once, whenever a soak ends, and every 15 minutes while keys soak, for ever. Deadlines are absolute:
 * after a sleep of the machine or a change of its clock it looks again within a minute. What may pass by itself (a limit,
 * another run, an upstream that does not answer) is told and tried again; anything else ends it.
 *
 * @param timeScale divides those times
 */
export const watchDue = (
  sweep: {
    readonly runDue: Effect.Effect<DueReport, SweepError>
    readonly soaking: Effect.Effect<Soaking, SweepError>
  },
  timeScale: number,
  tell: (came: Either.Either<DueReport, SweepError>) => Effect.Effect<void>
): Effect.Effect<never, SweepError> =>
  Effect.gen(function* () {
    let last: DateTime.Utc | null = null
    while (true) {
      const soaking = yield* sweep.soaking
      const now = yield* DateTime.now
      const millis = untilWanted(soaking, last, now, timeScale)
      if (millis > 0) {
        yield* Effect.sleep(millis)
        continue
      }
      last = now
      const came = yield* Effect.either(sweep.runDue)
      yield* tell(came)
      if (Either.isLeft(came) && !mayPass(came.left)) return yield* came.left
    }
  })

const minute = 60_000
const interval = 15 * minute

/**
 * Milliseconds until it is to be asked again whether `runDue` is wanted, a minute at most; 0: it is, now.
 *
 * @param last when it was called; `null`: nobody knows
 */
export const untilWanted = (
  soaking: Soaking,
  last: DateTime.Utc | null,
  now: DateTime.Utc,
  timeScale: number
): number => {
  if (last === null || isWanted(soaking, last, now, timeScale)) return 0
  const look = minute / timeScale
  const next = soaking.next === null ? look : DateTime.distance(now, soaking.next)
  return Math.max(1, Math.min(look, next))
}

const isWanted = ({ keys }: Soaking, last: DateTime.Utc, now: DateTime.Utc, timeScale: number): boolean => {
  if (keys.length === 0) return false
  const ended = keys.some(
    ({ alarm, until }) => alarm === null && DateTime.greaterThan(until, last) && DateTime.lessThanOrEqualTo(until, now)
  )
  // A clock that was set back tells nothing of how long ago that was.
  const passed = DateTime.distance(last, now)
  return ended || passed < 0 || passed >= interval / timeScale
}

const mayPass = (error: SweepError): boolean => {
  const outcome = outcomeOfError(error)
  return outcome === "limit" || error._tag === "ApiUnavailable"
}
