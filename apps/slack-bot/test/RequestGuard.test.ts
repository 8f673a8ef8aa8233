import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { makeRequestGuard } from "../src/RequestGuard.ts"

it.effect("lets a signature in once, for as long as Bolt would accept it", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(1_800_000_000_000)
    const now = 1_800_000_000
    const guard = yield* makeRequestGuard
    assert.strictEqual(yield* guard("v0=a", now), "admitted")
    assert.strictEqual(yield* guard("v0=a", now), "replay")
    assert.strictEqual(yield* guard("v0=b", now), "admitted")
    yield* TestClock.adjust("360 seconds")
    assert.strictEqual(yield* guard("v0=a", now), "replay")
  })
)

it.effect("allows a sender's clock to be a minute ahead, not more, and no timestamp that is no number", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(1_800_000_000_000)
    const now = 1_800_000_000
    const guard = yield* makeRequestGuard
    assert.strictEqual(yield* guard("v0=a", now + 60), "admitted")
    assert.strictEqual(yield* guard("v0=b", now + 61), "future timestamp")
    assert.strictEqual(yield* guard("v0=c", Number.NaN), "future timestamp")
    yield* TestClock.adjust("1 seconds")
    assert.strictEqual(yield* guard("v0=b", now + 61), "admitted")
  })
)
