import { Progress } from "@keysweep/revocation/Progress"
import { Clock, Effect, Layer, Ref, Schedule } from "effect"
import { Output, type Sink } from "./Output.ts"
import {
  isActing,
  nothingYet,
  progressBlock,
  progressSentence,
  seenAfter,
  stoppingText
} from "./render/ProgressBlock.ts"

/** A small living table on a terminal, now and then a plain line where there is none. */
export const progressLayer: Layer.Layer<Progress, never, Output> = Layer.unwrapEffect(
  Effect.map(Output, ({ err }) => (err.isLive ? living(err) : plainly(err)))
)

/** No more lines than these, however high the terminal is. */
const highest = 16

const living = (err: Sink): Layer.Layer<Progress> =>
  Layer.scoped(
    Progress,
    Effect.gen(function* () {
      const seen = yield* Ref.make(nothingYet)
      const draw = Effect.gen(function* () {
        const size = { width: (yield* err.width) - 1, height: Math.min(highest, (yield* err.height) - 2) }
        yield* err.live(progressBlock(yield* Ref.get(seen), yield* Clock.currentTimeMillis, err.style, size))
      })
      yield* Effect.addFinalizer(() => err.live([]))
      yield* draw.pipe(Effect.repeat(Schedule.spaced("250 millis")), Effect.forkScoped)
      const stop = Ref.update(seen, (before) => ({ ...before, stopping: true }))
      yield* interruption.pipe(Effect.zipRight(stop), Effect.zipRight(draw), Effect.forkScoped)
      return Progress.of({
        report: (event) =>
          Effect.gen(function* () {
            const now = yield* Clock.currentTimeMillis
            yield* Ref.update(seen, (before) => seenAfter(before, event, now))
            // Keys come by the hundred: the next look at the clock shows them.
            if (event._tag !== "Key") yield* draw
          })
      })
    })
  )

/** Milliseconds between two plain lines about keys; a new phase and a long wait are always said. */
const plainEvery = 5000

const plainly = (err: Sink): Layer.Layer<Progress> =>
  Layer.scoped(
    Progress,
    Effect.gen(function* () {
      const seen = yield* Ref.make(nothingYet)
      const saidAt = yield* Ref.make(Number.NEGATIVE_INFINITY)
      const tellStop = Effect.flatMap(Ref.get(seen), (it) =>
        isActing(it) ? err.write(`${stoppingText}\n`) : Effect.void
      )
      yield* interruption.pipe(Effect.zipRight(tellStop), Effect.forkScoped)
      return Progress.of({
        report: (event) =>
          Effect.gen(function* () {
            const now = yield* Clock.currentTimeMillis
            yield* Ref.update(seen, (before) => seenAfter(before, event, now))
            const due = now - (yield* Ref.get(saidAt)) >= plainEvery
            const tell =
              event._tag === "Key"
                ? due
                : event._tag === "Waiting"
                  ? event.millis >= 1000 && due
                  : event._tag === "Phase"
            if (!tell) return
            if (event._tag !== "Phase") yield* Ref.set(saidAt, now)
            yield* err.write(`${progressSentence(yield* Ref.get(seen), now)}\n`)
          })
      })
    })
  )

/**
 * Ctrl-C, of which the run hears too: it ends when its requests have been answered. Heard once, so that a second Ctrl-C does
 * what it always does.
 */
const interruption: Effect.Effect<void> = Effect.async((resume) => {
  const heard = () => resume(Effect.void)
  process.once("SIGINT", heard)
  return Effect.sync(() => process.removeListener("SIGINT", heard))
})
