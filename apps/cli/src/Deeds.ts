import { pastOf } from "@keysweep/revocation/Action"
import { Progress, type ProgressEvent } from "@keysweep/revocation/Progress"
import { Context, Effect, Layer, Ref } from "effect"

/** What this process has done so far, for somebody who stops it: from the run's own progress. */
export class Deeds extends Context.Tag("keysweep/Deeds")<
  Deeds,
  {
    readonly note: (event: ProgressEvent) => Effect.Effect<void>
    /** Sentences; empty: nothing was sent. */
    readonly told: Effect.Effect<ReadonlyArray<string>>
    /** What was done so far has come to its end and was told. */
    readonly settled: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    Deeds,
    Effect.gen(function* () {
      const told = yield* Ref.make<ReadonlyArray<string>>([])
      const past = yield* Ref.make("changed")
      return Deeds.of({
        note: (event) => {
          switch (event._tag) {
            case "Started":
              return Ref.set(past, pastOf(event.action))
            case "Phase":
              return event.phase === "acting"
                ? Ref.set(told, ["Perhaps one key: the run had begun. The log says what was sent."])
                : Effect.void
            case "Key":
              return Effect.flatMap(Ref.get(past), (past) =>
                Ref.set(told, [
                  `At least ${event.count} of ${event.total} keys were being ${past}. The log names each, with what became of it.`
                ])
              )
            case "Step":
            case "Waiting":
              return Effect.void
          }
        },
        told: Ref.get(told),
        settled: Ref.set(told, [])
      })
    })
  )
}

/** A surface's progress that is also noted as deeds. */
export const notedLayer = <R>(progress: Layer.Layer<Progress, never, R>): Layer.Layer<Progress, never, R | Deeds> =>
  Layer.effect(
    Progress,
    Effect.gen(function* () {
      const shown = yield* Progress
      const { note } = yield* Deeds
      return Progress.of({ report: (event) => Effect.zipRight(note(event), shown.report(event)) })
    })
  ).pipe(Layer.provide(progress))
