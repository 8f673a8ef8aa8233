import { Journal } from "@keysweep/core/Journal"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Ref } from "effect"
import { rmSync } from "node:fs"
import { Log } from "../src/Log.ts"
import { layer as journal } from "../src/LogJournal.ts"
import { account, key, logDir, makeHome, readLog, runId, store } from "./support/Fixture.ts"

const run = runId(1)
const intent = { call: "remove" as const, key: key(1).id }
const settle = <A, E>(exit: Exit.Exit<A, E>) => ({
  result: Exit.isSuccess(exit) ? ("done" as const) : ("unknown" as const)
})

const inHome = <A, E>(use: (home: string) => Effect.Effect<A, E, Journal | Log>) =>
  Effect.flatMap(makeHome, (home) =>
    Effect.provide(
      use(home),
      journal(run, null).pipe(Layer.provideMerge(Log.layer(account)), Layer.provide(store(home)))
    )
  )

describe("a write through the journal", () => {
  it.effect("I1: its intent is on disk before the call, its outcome before the caller goes on", () =>
    inHome((home) =>
      Effect.gen(function* () {
        const { attempt } = yield* Journal
        const answer = yield* attempt(
          intent,
          Effect.sync(() => {
            assert.include(readLog(home), '"CallIntended"')
            assert.notInclude(readLog(home), '"CallSettled"')
            return "deleted"
          }),
          settle
        )
        assert.strictEqual(answer, "deleted")
        const [, intended, settled] = yield* (yield* Log).records
        assert.isTrue(intended?.run === run && settled?.run === run)
        const [first, last] = [intended?.event, settled?.event]
        assert.isTrue(
          first?._tag === "CallIntended" &&
            last?._tag === "CallSettled" &&
            first.id === last.id &&
            last.outcome.result === "done"
        )
      })
    )
  )

  it.effect("I1, I9: without the log nothing is sent", () =>
    inHome((home) =>
      Effect.gen(function* () {
        const { attempt } = yield* Journal
        const sent = yield* Ref.make(0)
        const call = Ref.update(sent, (n) => n + 1)
        yield* attempt(intent, call, settle)
        rmSync(logDir(home), { recursive: true })
        const error = yield* Effect.flip(attempt(intent, call, settle))
        assert.isTrue(error._tag === "JournalUnavailable" && !error.sent)
        assert.strictEqual(yield* Ref.get(sent), 1)
      })
    )
  )

  it.effect("says so when the call was sent and its outcome cannot be recorded", () =>
    inHome((home) =>
      Effect.gen(function* () {
        const { attempt } = yield* Journal
        const error = yield* Effect.flip(
          attempt(
            intent,
            Effect.sync(() => rmSync(logDir(home), { recursive: true })),
            settle
          )
        )
        assert.isTrue(error._tag === "JournalUnavailable" && error.sent)
      })
    )
  )

  it.effect("records how a call failed, and gives back the call's own failure", () =>
    inHome(() =>
      Effect.gen(function* () {
        const { attempt } = yield* Journal
        assert.strictEqual(yield* Effect.flip(attempt(intent, Effect.fail("no such key"), settle)), "no such key")
        const last = (yield* (yield* Log).records).at(-1)?.event
        assert.isTrue(last?._tag === "CallSettled" && last.outcome.result === "unknown")
      })
    )
  )

  it.effect("cannot be interrupted between intent and outcome, while time limits inside the call still work", () =>
    inHome(() =>
      Effect.gen(function* () {
        const { attempt } = yield* Journal
        const started = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const inner = Effect.timeoutOption(Effect.never, "0 millis")
        const fiber = yield* Effect.fork(
          attempt(
            intent,
            Deferred.succeed(started, undefined).pipe(Effect.zipRight(Deferred.await(go)), Effect.zipRight(inner)),
            settle
          )
        )
        yield* Deferred.await(started)
        const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* Effect.yieldNow()
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(interruption)
        const tags = (yield* (yield* Log).records).map((it) => it.event._tag)
        assert.deepStrictEqual(tags, ["LogStarted", "CallIntended", "CallSettled"])
      })
    )
  )
})
