import type { ReadError } from "@keysweep/core/KeyReader"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, type Duration, Effect, Option, Schedule, Stream } from "effect"
import type { Inventory } from "./Inventory.ts"

/** Which keys were used between the first reading and this one. */
export interface Observation {
  readonly since: DateTime.Utc
  readonly at: DateTime.Utc
  readonly live: ReadonlyArray<{ readonly id: KeyId; readonly name: string; readonly lastUsedAt: DateTime.Utc | null }>
  readonly quiet: number
}

/** Keys whose use moved between two readings: last use, or credit spent. A new key counts when it was used at all. */
export const usedBetween = (before: Inventory, after: Inventory): Observation => {
  const earlier = new Map(before.keys.map((key) => [key.id, key]))
  const live = after.keys.filter((key) => {
    const was = earlier.get(key.id)
    if (was === undefined) return key.lastUsedAt !== null
    return key.used !== was.used || millis(key.lastUsedAt) !== millis(was.lastUsedAt)
  })
  return {
    since: before.at,
    at: after.at,
    live: live.map(({ id, lastUsedAt, name }) => ({ id, name, lastUsedAt })),
    quiet: after.keys.length - live.length
  }
}

/** Reads the list again and again and tells which keys are live, until the time is over. One request a reading. */
export const observe = <E>(
  inventory: Effect.Effect<Inventory, E | ReadError>,
  options: { readonly every: Duration.DurationInput; readonly during: Duration.DurationInput }
): Stream.Stream<Observation, E | ReadError> =>
  Stream.unwrap(
    Effect.map(inventory, (first) =>
      Stream.fromSchedule(Schedule.spaced(options.every).pipe(Schedule.upTo(options.during))).pipe(
        Stream.mapEffect(() => Effect.map(inventory, (next) => usedBetween(first, next)))
      )
    )
  )

const millis = (time: DateTime.Utc | null): number | null =>
  Option.getOrNull(Option.map(Option.fromNullable(time), DateTime.toEpochMillis))
