import { type CallIntent, Journal, JournalUnavailable, RunStopped } from "@keysweep/core/Journal"
import { Effect, Fiber, Layer, Option, SynchronizedRef } from "effect"
import { CallIntended, CallSettled } from "./Event.ts"
import { Log } from "./Log.ts"
import type { LogUnavailable } from "./LogStore.ts"
import { type RunId, sortableId } from "./RunId.ts"
import { heeding, type Heed } from "./StopFlag.ts"

/**
 * Core's door to a write, over the log: `CallIntended` is durable before the call leaves, `CallSettled` after it. Without
 * the log nothing is sent (I1, I9).
 *
 * @param heed whose holds and panics stop it: each that was recorded before the intent of a call keeps that call from
 * being sent. A panic heeds nobody.
 */
export const layer = (run: RunId, heed: Heed | null): Layer.Layer<Journal, never, Log> =>
  Layer.effect(
    Journal,
    Effect.gen(function* () {
      const log = yield* Log
      const flag = yield* SynchronizedRef.make(Option.map(Option.fromNullable(heed), heeding))

      /** The intent is on record already, so whoever objects after this look is too late by no more than one call. */
      const stopped = (intent: CallIntent) =>
        SynchronizedRef.modifyEffect(flag, (known) =>
          Option.match(known, {
            onNone: () => Effect.succeed([null, known] as const),
            onSome: (flag) =>
              Effect.map(log.heard(flag.seq), (records) => {
                const now = flag.after(records)
                return [now.stops(intent), Option.some(now)] as const
              })
          })
        )

      return Journal.of({
        attempt: (intent, call, outcome) =>
          Effect.gen(function* () {
            const id = yield* sortableId("call")
            yield* log.append(CallIntended.make({ id, intent }), run).pipe(Effect.mapError(unavailable(false)))
            const stop = yield* stopped(intent).pipe(Effect.mapError(unavailable(false)))
            if (stop !== null) {
              const undone = { result: "undone", detail: `not sent: ${stop.detail}` } as const
              yield* log
                .append(CallSettled.make({ id, outcome: undone }), run)
                .pipe(Effect.mapError(unavailable(false)))
              return yield* new RunStopped(stop)
            }
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
    })
  )

const unavailable = (sent: boolean) => (error: LogUnavailable) => new JournalUnavailable({ detail: error.detail, sent })
