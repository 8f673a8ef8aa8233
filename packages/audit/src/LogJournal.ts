import { Journal, JournalUnavailable } from "@keysweep/core/Journal"
import { Effect, Fiber, Layer } from "effect"
import { CallIntended, CallSettled } from "./Event.ts"
import { Log } from "./Log.ts"
import type { LogUnavailable } from "./LogStore.ts"
import { type RunId, sortableId } from "./RunId.ts"

/**
 * Core's door to a write, over the log: `CallIntended` is durable before the call leaves, `CallSettled` after it. Without
 * the log nothing is sent (I1, I9).
 */
export const layer = (run: RunId): Layer.Layer<Journal, never, Log> =>
  Layer.effect(
    Journal,
    Effect.map(Log, (log) =>
      Journal.of({
        attempt: (intent, call, outcome) =>
          Effect.gen(function* () {
            const id = yield* sortableId("call")
            yield* log.append(CallIntended.make({ id, intent }), run).pipe(Effect.mapError(unavailable(false)))
            // On a fiber of its own: nobody outside can interrupt it, and time limits inside it still work.
            const fiber = yield* Effect.forkDaemon(Effect.interruptible(call))
            const exit = yield* Fiber.await(fiber)
            yield* Fiber.inheritAll(fiber)
            yield* log
              .append(CallSettled.make({ id, outcome: outcome(exit) }), run)
              .pipe(Effect.mapError(unavailable(true)))
            return yield* exit
          }).pipe(Effect.uninterruptible, Effect.withSpan("LogJournal.attempt", { attributes: { call: intent.call } }))
      })
    )
  )

const unavailable = (sent: boolean) => (error: LogUnavailable) => new JournalUnavailable({ detail: error.detail, sent })
