import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { Emulator } from "@keysweep/emulator/Emulator"
import type { FaultInput } from "@keysweep/emulator/Faults"
import { account, ask, control, keyAt, messageOf } from "./support.ts"

const start = Emulator.start({ rpm: 1000 })
const startWith = (...faults: ReadonlyArray<FaultInput>) => Effect.tap(start, (emulator) => emulator.faults(faults))
const count = (emulator: Effect.Effect.Success<typeof start>) =>
  Effect.map(account(emulator), ({ keys }) => keys.length)

const toggle = { method: "POST", path: "/auth/proxy/toggle" }
const bulk = { method: "DELETE", path: "/auth/proxy/delete" }

describe("faults", () => {
  it.scopedLive("status: the answer alone goes wrong, nothing is done, and the call counts", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "status", match: bulk, status: 503 })
      const reply = yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete")
      assert.deepStrictEqual([reply.status, yield* count(emulator)], [503, 12])
      assert.strictEqual(reply.headers["x-ratelimit-remaining"], "999")
      assert.strictEqual((yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete")).status, 200, "once only")
    })
  )

  it.scopedLive("status: any body can be given, as JSON or as it is", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith(
        { kind: "status", status: 200, body: [{ nonsense: true }] },
        { kind: "status", status: 200, body: "{oops", skip: 1 }
      )
      assert.deepStrictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).json, [{ nonsense: true }])
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).text, "{oops")
      yield* emulator.faults([{ kind: "status", status: 429 }])
      assert.include(messageOf(yield* ask(emulator, "GET", "/v1/auth/proxy")), "Try again in 180 seconds.")
    })
  )

  it.scopedLive("html: a page from the edge, which the upstream never saw", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "html", match: bulk })
      const reply = yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete")
      assert.strictEqual(reply.status, 502)
      assert.include(reply.headers["content-type"], "text/html")
      assert.notProperty(reply.headers, "x-ratelimit-limit")
      assert.strictEqual(yield* count(emulator), 12)
    })
  )

  it.scopedLive("drop-before: the connection is cut and nothing is done", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "drop-before", match: bulk })
      const lost = yield* Effect.either(ask(emulator, "DELETE", "/v1/auth/proxy/delete"))
      assert.isTrue(Either.isLeft(lost))
      assert.strictEqual(yield* count(emulator), 12)
      assert.strictEqual((yield* emulator.requests)[0]?.status, null)
    })
  )

  it.scopedLive("drop-after: it is done and the reply is lost", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "drop-after", match: toggle })
      const { key, is_active } = yield* keyAt(emulator, 0)
      const lost = yield* Effect.either(ask(emulator, "POST", "/v1/auth/proxy/toggle", { body: { proxy_key: key } }))
      assert.isTrue(Either.isLeft(lost))
      assert.strictEqual((yield* keyAt(emulator, 0)).is_active, !is_active)
    })
  )

  it.scopedLive("truncate: it is done, and half of the reply arrives", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "truncate", match: bulk })
      const lost = yield* Effect.flip(ask(emulator, "DELETE", "/v1/auth/proxy/delete"))
      assert.strictEqual(lost.after, "headers")
      assert.strictEqual(yield* count(emulator), 0)
    })
  )

  it.scopedLive("hang: no answer, nothing done, until the client gives up", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "hang", match: bulk })
      const reply = yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete").pipe(Effect.timeoutOption("100 millis"))
      assert.strictEqual(reply._tag, "None")
      assert.strictEqual(yield* count(emulator), 12)
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).status, 200)
    })
  )

  it.scopedLive("delay: handled late, and also when the client has left by then", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "delay", match: bulk, ms: 2000 })
      const reply = yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete").pipe(Effect.timeoutOption("50 millis"))
      assert.deepStrictEqual([reply._tag, yield* count(emulator)], ["None", 12])
      const emptied = Effect.repeat(Effect.delay(count(emulator), "20 millis"), { until: (left) => left === 0 })
      assert.strictEqual(yield* emptied, 0)
    })
  )

  it.scopedLive("partial: delete-all stops after so many keys, the first ones", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "partial", match: bulk, skip: 5 })
      const { keys } = yield* account(emulator)
      assert.strictEqual((yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete")).status, 500)
      assert.deepStrictEqual((yield* account(emulator)).keys, keys.slice(5))
    })
  )

  it.scopedLive("skip and times count the requests that match, by method and path pattern, with or without /v1", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({
        kind: "status",
        match: { method: "get", path: "/v1/auth/*/ek-proxy-*" },
        skip: 1,
        times: 2,
        status: 500
      })
      const { key } = yield* keyAt(emulator, 0)
      const seen: Array<number> = []
      for (const path of [
        `/v1/auth/proxy/${key}`,
        "/v1/auth/proxy",
        `/auth/proxy/${key}`,
        `/v1/auth/proxy/${key}?x`,
        `/v1/auth/proxy/${key}`
      ]) {
        seen.push((yield* ask(emulator, "GET", path)).status)
      }
      assert.deepStrictEqual(seen, [200, 200, 500, 500, 200])
    })
  )

  it.scopedLive("POST faults replaces what waits; a fault that is none is refused", () =>
    Effect.gen(function* () {
      const emulator = yield* startWith({ kind: "status", times: 10 })
      const set = yield* control(emulator, "POST", "faults", [{ match: toggle, kind: "drop-before" }])
      assert.deepStrictEqual(set.json, { faults: 1 })
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).status, 200)
      assert.strictEqual((yield* control(emulator, "POST", "faults", [{ kind: "explode" }])).status, 400)
    })
  )

  it.scopedLive("can wait from the start", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ faults: [{ kind: "status", status: 418 }] })
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).status, 418)
    })
  )
})
