import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer, TestClock, TestContext } from "effect"
import { RequestGuard } from "../src/RequestGuard.ts"
import { databaseAt, freshDatabase } from "./Database.ts"

/** The guards of two servers of one bot. */
const guards = Effect.gen(function* () {
  const layer = Layer.provide(RequestGuard.layer, databaseAt(yield* freshDatabase))
  const both = yield* Effect.all([Layer.build(Layer.fresh(layer)), Layer.build(Layer.fresh(layer))])
  return both.map((context) => Context.get(context, RequestGuard))
})

const seconds = () => Math.floor(Date.now() / 1000)

it.live("lets a signature in once, over all servers, also where it comes to several at the same time", () =>
  Effect.gen(function* () {
    const [first = assert.fail(), second = assert.fail()] = yield* guards
    const many = [first, second, first, second, first, second]
    const claims = yield* Effect.all(
      many.map((guard) => guard.once("v0=a")),
      { concurrency: "unbounded" }
    )
    assert.deepStrictEqual([...claims].sort(), ["admitted", ...Array.from({ length: 5 }, () => "replay")])
    assert.strictEqual(yield* second.once("v0=b"), "admitted")
    assert.strictEqual(yield* first.once("v0=b"), "replay")
  }).pipe(Effect.scoped)
)

it.live("what comes twice to one server is turned away at once, and forgotten when it is too old to be taken", () =>
  Effect.gen(function* () {
    const [guard = assert.fail()] = yield* guards
    yield* TestClock.setTime(0)
    assert.strictEqual(yield* guard.admit("v0=a", 0), "admitted")
    yield* TestClock.adjust("6 minutes")
    assert.strictEqual(yield* guard.admit("v0=a", 0), "replay")
    yield* TestClock.adjust("5 minutes")
    assert.strictEqual(yield* guard.admit("v0=a", 0), "admitted")
  }).pipe(Effect.scoped, Effect.provide(TestContext.TestContext))
)

it.live("allows a sender's clock to be a minute ahead, not more, and no timestamp that is no number", () =>
  Effect.gen(function* () {
    const [guard = assert.fail()] = yield* guards
    const now = seconds()
    assert.strictEqual(yield* guard.admit("v0=a", now + 50), "admitted")
    assert.strictEqual(yield* guard.admit("v0=b", now + 3600), "future timestamp")
    assert.strictEqual(yield* guard.admit("v0=c", Number.NaN), "future timestamp")
  }).pipe(Effect.scoped)
)

it.live("one person asks for thirty things a minute, whichever server is asked; another one is not kept from it", () =>
  Effect.gen(function* () {
    const [first = assert.fail(), second = assert.fail()] = yield* guards
    const answers = yield* Effect.forEach(Array.from({ length: 33 }), (_, i) => (i % 2 ? first : second).mayAsk("U1"))
    assert.lengthOf(answers.filter(Boolean), 30)
    assert.isTrue(yield* first.mayAsk("U2"))
  }).pipe(Effect.scoped)
)
