import { Schedule } from "effect"
import type { ApiError } from "./ApiError.ts"

const backoff = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(4)))

/**
 * Reads and `remove`: a second attempt changes nothing. Never for create, toggle, delete-all or regenerate.
 *
 * At most 4 repeats, about 0.5, 1, 2 and 4 s apart (± 20 %), each of which takes a slot of the pacer like any request.
 * A 429 is not repeated here: a quarter of a second later is still inside the lock-out, which is the pacer's to wait out.
 */
export const repeatable = backoff.pipe(Schedule.whileInput((error: { readonly _tag: string }) => isTransient(error)))

/** A settling read after a write in doubt: the same, and a little more patient, because the answer decides. */
export const settling = Schedule.exponential("500 millis").pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(6)),
  Schedule.whileInput((error: { readonly _tag: string }) => isTransient(error))
)

/**
 * After a 429 nothing was done, so any call but those that destroy at large may be sent again. There is no delay here:
 * the pacer lets nothing out before the lock-out has ended.
 */
export const afterLockOut = Schedule.recurs(3).pipe(
  Schedule.whileInput((error: { readonly _tag: string }) => error._tag === "RateLimited")
)

/** A page of the edge does not go away in seconds, and asking again is what it guards against. */
const isTransient = (error: { readonly _tag: string }): boolean => {
  const transient: ApiError["_tag"] = "ApiUnavailable"
  return error._tag === transient && !("reason" in error && error.reason === "edge")
}
