import { assert, it } from "@effect/vitest"
import { accountIdOf } from "@keysweep/core/Account"
import { zero } from "@keysweep/core/Credit"
import type { Plan } from "@keysweep/revocation/Plan"
import { DateTime, Effect, Option } from "effect"
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { RequestId } from "../src/Request.ts"
import { Requests } from "../src/Requests.ts"

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

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "keysweep-requests-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Stores of one home folder, as several processes have them. */
const stores = (home: string, count: number) =>
  Effect.all(Array.from({ length: count }, () => Effect.provide(Requests, Requests.layer(home))))

it.live("what one process writes another reads, with everything in it", () =>
  Effect.gen(function* () {
    const home = yield* folder
    const [first, second] = yield* Effect.all([
      Effect.provide(Requests, Requests.layer(home)),
      Effect.provide(Requests, Requests.layer(home))
    ])
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
    assert.strictEqual(statSync(join(home, "slack")).mode & 0o777, 0o700)
    assert.strictEqual(statSync(join(home, "slack", `${id}.request.json`)).mode & 0o777, 0o600)
  }).pipe(Effect.scoped)
)

it.live("of many who decide the same request at once exactly one does, whatever they decide", () =>
  Effect.gen(function* () {
    const home = yield* folder
    const many = yield* stores(home, 8)
    const [first] = many
    const { id } = yield* (first ?? assert.fail("no store")).open(plan, "U1", "C1")
    const won = yield* Effect.forEach(
      many,
      (store, number) =>
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
    const home = yield* folder
    const store = yield* Effect.provide(Requests, Requests.layer(home))
    const missing = RequestId.make("req_0mwqx5fdh_uxjtqoff0y")
    assert.isTrue(Option.isNone(yield* store.find(missing)))
    const { id } = yield* store.open(plan, "U1", "C1")
    writeFileSync(join(home, "slack", `${id}.taken.json`), '{"how":"ru')
    assert.strictEqual((yield* Effect.flip(store.find(id)))._tag, "RequestsUnavailable")
    assert.isFalse(yield* store.take(id, "run", "U1"))
  }).pipe(Effect.scoped)
)
