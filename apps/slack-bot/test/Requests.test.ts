import { assert, it } from "@effect/vitest"
import { accountIdOf } from "@keysweep/core/Account"
import { zero } from "@keysweep/core/Credit"
import type { Plan } from "@keysweep/revocation/Plan"
import { Context, DateTime, Effect, Layer, Option } from "effect"
import { RequestId } from "../src/Request.ts"
import { Requests } from "../src/Requests.ts"
import { databaseAt, freshDatabase, inDatabase } from "./Database.ts"

const at = DateTime.unsafeMake("2026-11-21T12:00:00Z")
const plan: Plan = {
  schema: "keysweep.plan/1",
  hash: "f".repeat(64),
  digest: "d".repeat(64),
  account: accountIdOf("somebody"),
  action: "delete",
  method: "each",
  reason: null,
  undoes: null,
  keys: [],
  thenDelete: [],
  skipped: [],
  evidence: [],
  refused: [],
  gate: [],
  overridden: [],
  automatic: false,
  checklist: [],
  requests: 2,
  estimateSeconds: 1,
  creditExpected: zero,
  createdAt: at,
  expiresAt: at,
  settings: null,
  nonce: "n"
}

/** The requests of one database, as several servers have them. */
const servers = (count: number) =>
  Effect.gen(function* () {
    const url = yield* freshDatabase
    const layer = Layer.provideMerge(Requests.layer, databaseAt(url))
    const all = yield* Effect.all(Array.from({ length: count }, () => Layer.build(Layer.fresh(layer))))
    return { url, all: all.map((context) => Context.get(context, Requests)) }
  })

it.live("what one process writes another reads, with everything in it", () =>
  Effect.gen(function* () {
    const { all } = yield* servers(2)
    const [first = assert.fail(), second = assert.fail()] = all
    assert.deepStrictEqual(yield* first.unfinished, [])
    const { id } = yield* first.open(plan, "U1", "C1")
    yield* first.posted(id, "1.1")
    yield* first.confirm(id, "U1")
    const read = Option.getOrThrow(yield* second.find(id))
    assert.deepStrictEqual(
      [read.requester, read.channel, read.ts, read.confirmation?.by, read.taken, read.ending],
      ["U1", "C1", "1.1", "U1", null, null]
    )
    assert.deepStrictEqual(read.plan, plan)
    assert.deepStrictEqual(
      (yield* second.unfinished).map((it) => it.id),
      [id]
    )
    yield* second.end(id, { outcome: "refused", detail: "cancelled", receipt: null })
    assert.deepStrictEqual(yield* first.unfinished, [])
  }).pipe(Effect.scoped)
)

it.live("of many who decide the same request at once exactly one does, whatever they decide", () =>
  Effect.gen(function* () {
    const { all: many } = yield* servers(3)
    const [first] = many
    const { id } = yield* (first ?? assert.fail("no store")).open(plan, "U1", "C1")
    const won = yield* Effect.forEach(
      Array.from({ length: 9 }, (_, i) => [many[i % 3] ?? assert.fail(), i] as const),
      ([store, number]) =>
        Effect.map(store.take(id, number % 2 === 0 ? "run" : "cancel", `U${number}`), (did) => (did ? [number] : [])),
      { concurrency: "unbounded" }
    )
    assert.lengthOf(won.flat(), 1)
    const taken = Option.getOrThrow(yield* (first ?? assert.fail("no store")).find(id)).taken
    assert.strictEqual(taken?.by, `U${won.flat()[0]}`)
  }).pipe(Effect.scoped)
)

it.live("a request that nobody opened is not there, and a damaged one is an error, not a new one", () =>
  Effect.gen(function* () {
    const { all, url } = yield* servers(1)
    const [store = assert.fail()] = all
    const missing = RequestId.make("req_0mwqx5fdh_uxjtqoff0y")
    assert.isTrue(Option.isNone(yield* store.find(missing)))
    const { id } = yield* store.open(plan, "U1", "C1")
    yield* inDatabase(url, (sql) => sql`update keysweep_slack_request set taken = ${'{"how":"ru'}`)
    assert.strictEqual((yield* Effect.flip(store.find(id)))._tag, "RequestsUnavailable")
    assert.isFalse(yield* store.take(id, "run", "U1"))
    const other = yield* store.open(plan, "U1", "C1")
    assert.deepStrictEqual(
      (yield* store.unfinished).map((it) => it.id),
      [other.id]
    )
  }).pipe(Effect.scoped)
)

it.live(
  "of several servers one looks at a request whose time has come; whoever wakes it has it looked at once more, and so it is until its end is told",
  () =>
    Effect.gen(function* () {
      const { all, url } = yield* servers(2)
      const [first = assert.fail(), second = assert.fail()] = all
      const { id } = yield* first.open(plan, "U1", "C1")
      const both = yield* Effect.all([first.due, second.due], { concurrency: 2 })
      assert.deepStrictEqual(
        both.filter((it) => it !== null),
        [{ id, look: 1 }]
      )
      yield* second.wake(id)
      assert.isNull(yield* first.due)
      yield* first.rest({ id, look: 1 }, 60_000)
      assert.deepStrictEqual(yield* second.due, { id, look: 2 })
      yield* second.rest({ id, look: 2 }, 60_000)
      assert.isNull(yield* first.due)
      yield* second.wake(id)
      assert.deepStrictEqual(yield* first.due, { id, look: 3 })

      // Whoever looks is not heard of any more.
      yield* inDatabase(url, (sql) => sql`update keysweep_slack_request set wake_at = clock_timestamp()`)
      assert.deepStrictEqual(yield* second.due, { id, look: 4 })
      yield* first.rest({ id, look: 3 }, 0)
      assert.isNull(yield* first.due)
      yield* second.end(id, { outcome: "done", detail: "", receipt: null })
      yield* second.rest({ id, look: 4 }, 0)
      assert.deepStrictEqual(yield* first.due, { id, look: 5 })
      assert.deepStrictEqual([yield* first.told(id), yield* second.told(id)], [true, false])
      yield* first.rest({ id, look: 5 }, 0)
      assert.isNull(yield* first.due)
    }).pipe(Effect.scoped)
)

it.live("the end of a run wakes one of those that wait for their turn, the oldest, and nobody else", () =>
  Effect.gen(function* () {
    const { all } = yield* servers(1)
    const [requests = assert.fail()] = all
    const [first, second, third] = [
      yield* requests.open(plan, "U1", "C1"),
      yield* requests.open(plan, "U1", "C1"),
      yield* requests.open(plan, "U1", "C1")
    ]
    for (const { id } of [second, third]) yield* requests.take(id, "run", "U1")
    for (const _ of [first, second, third]) {
      const waiting = (yield* requests.due) ?? assert.fail()
      yield* requests.rest(waiting, waiting.id === third.id ? 3_600_000 : 4000)
    }
    assert.isNull(yield* requests.due)
    yield* requests.wakeNext
    assert.strictEqual((yield* requests.due)?.id, second.id)
    yield* requests.wakeNext
    assert.isNull(yield* requests.due)
  }).pipe(Effect.scoped)
)
