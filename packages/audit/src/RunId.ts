import { Clock, Effect, Random, Schema } from "effect"

/** `run_`, then milliseconds since 1970 in base 36 (sorts by time), then 10 random characters. */
export const RunId = Schema.String.pipe(
  Schema.pattern(/^run_[0-9a-z]{9}_[0-9a-z]{10}$/),
  Schema.brand("RunId")
).annotations({
  identifier: "RunId"
})
export type RunId = typeof RunId.Type

/** Sorts by time; two made in the same millisecond differ by 51 random bits. */
export const sortableId = (prefix: string): Effect.Effect<string> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const random = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
    const time = Math.max(0, Math.floor(now)).toString(36).padStart(9, "0")
    return `${prefix}_${time}_${random.toString(36).padStart(11, "0").slice(-10)}`
  })

export const makeRunId: Effect.Effect<RunId> = Effect.map(sortableId("run"), (text) => RunId.make(text))
