import { assert, it } from "@effect/vitest"
import { Account, makeAccount } from "@keysweep/core/Account"
import { DateTime, Effect, Either, Fiber, Layer, Redacted, TestClock } from "effect"
import { Progress } from "../../src/Progress.ts"
import { overlap } from "../../src/replace/Retire.ts"

const day = 86_400_000
const account = Either.getOrThrow(makeAccount({ masterKey: Redacted.make("ek-test-0123456789") }))

it.effect("both keys work for a month and then no more: no timer is set that would never ring", () =>
  Effect.gen(function* () {
    const validatedAt = yield* DateTime.now
    const waiting = yield* Effect.fork(overlap(30 * day, [{ validatedAt }]))
    for (let passed = 0; passed < 30; passed++) {
      yield* TestClock.adjust(0)
      for (const rings of yield* TestClock.sleeps()) assert.isBelow(rings - passed * day, 2 ** 31)
      assert.isNull(waiting.unsafePoll())
      yield* TestClock.adjust(day)
    }
    yield* Fiber.join(waiting)
  }).pipe(Effect.provide(Layer.merge(Layer.succeed(Account, account), Progress.layerSilent)))
)
