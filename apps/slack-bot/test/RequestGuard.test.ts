import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
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
    const now = seconds()
    const many = [first, second, first, second, first, second]
    const admissions = yield* Effect.all(
      many.map((guard) => guard.admit("v0=a", now)),
      { concurrency: "unbounded" }
    )
    assert.deepStrictEqual([...admissions].sort(), ["admitted", ...Array.from({ length: 5 }, () => "replay")])
    assert.strictEqual(yield* second.admit("v0=b", now), "admitted")
    assert.strictEqual(yield* first.admit("v0=b", now), "replay")
  }).pipe(Effect.scoped)
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
