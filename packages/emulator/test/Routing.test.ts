import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Emulator } from "@keysweep/emulator/Emulator"
import { account, ask, control, keyAt } from "./support.ts"

/**
 * What a stock FastAPI 0.142.2 (Starlette 1.7.0, uvicorn 0.54.0 with httptools) answered to raw request targets, with
 * the list, create, lookup, toggle, remove and both delete-all routes mounted with and without `/v1`. Recorded
 * 2026-11-21 over plain sockets.
 */
const recorded = Schema.decodeUnknownSync(
  Schema.parseJson(
    Schema.Array(
      Schema.Struct({
        method: Schema.String,
        target: Schema.String,
        status: Schema.Number,
        location: Schema.optional(Schema.String),
        allow: Schema.optional(Schema.String),
        route: Schema.optional(Schema.String),
        key: Schema.optional(Schema.String)
      })
    )
  )
)(readFileSync(new URL("fixtures/fastapi-routes.json", import.meta.url), "utf8"))

describe("routing", () => {
  for (const seen of recorded) {
    it.scopedLive(`${seen.method} ${seen.target} goes where a stock FastAPI sends it`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.start({ rpm: 1000 })
        const reply = yield* ask(emulator, seen.method, seen.target, { headers: { host: "h:1" } })
        // A key that was found by the router is one that the emulator then does not know.
        const wanted = seen.key === undefined ? seen.status : 404
        assert.deepStrictEqual(
          [reply.status, reply.headers["location"], reply.headers["allow"]],
          [wanted, seen.location, seen.allow]
        )
        if (seen.key !== undefined) assert.include(reply.text, "Proxy key not found")
        if (seen.status === 404) assert.deepStrictEqual(reply.json, { detail: "Not Found" })
        if (seen.status === 405 && seen.method !== "HEAD") {
          assert.deepStrictEqual(reply.json, { detail: "Method Not Allowed" })
        }
        const { keys } = yield* account(emulator)
        assert.strictEqual(keys.length, seen.route?.startsWith("delete-all") === true ? 0 : 12)
      })
    )
  }

  it.scopedLive("every request is recorded with its raw target, in order, also those that are turned away", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 2 })
      yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete/%2e%2e?x=1#y", { key: null })
      yield* ask(emulator, "GET", "//auth/proxy")
      yield* ask(emulator, "GET", "/v1/auth/proxy")
      yield* ask(emulator, "GET", "/v1/auth/proxy")
      const reply = yield* control(emulator, "GET", "requests")
      assert.deepStrictEqual(
        (yield* emulator.requests).map(({ method, path, status }) => [method, path, status]),
        [
          ["DELETE", "/v1/auth/proxy/delete/%2e%2e?x=1#y", 401],
          ["GET", "//auth/proxy", 404],
          ["GET", "/v1/auth/proxy", 200],
          ["GET", "/v1/auth/proxy", 429]
        ]
      )
      assert.deepStrictEqual(reply.json, yield* emulator.requests)
    })
  )

  it.scopedLive("a request that Node's parser refuses is recorded all the same", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start()
      const answer = yield* Effect.async<string>((resume) => {
        const socket = connect(emulator.port, "127.0.0.1", () => {
          socket.write("DELETE /v1/auth/proxy/delete/a b HTTP/1.1\r\nhost: h\r\n\r\n")
        })
        socket.on("data", (bytes: Buffer) => resume(Effect.succeed(bytes.toString("latin1"))))
      })
      assert.match(answer, /^HTTP\/1\.1 400 /)
      const [seen] = yield* emulator.requests
      assert.deepInclude(seen, { method: "DELETE", path: "/v1/auth/proxy/delete/a b", status: 400 })
    })
  )

  it.scopedLive("a body that is sent to a route which takes none is not looked at", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start()
      const { key } = yield* keyAt(emulator, 0)
      assert.strictEqual((yield* ask(emulator, "DELETE", `/v1/auth/proxy/delete/${key}`, { text: "{" })).status, 200)
      assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/remove", { text: "{" })).status, 400)
    })
  )

  it.scopedLive("without the redirect a trailing slash is a route that is not there", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ redirectSlashes: false })
      assert.strictEqual((yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete/")).status, 404)
    })
  )
})

describe("generations", () => {
  const answers = (options: Parameters<typeof Emulator.start>[0], ...calls: ReadonlyArray<readonly [string, string]>) =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 1000, ...options })
      return yield* Effect.forEach(calls, ([method, target]) =>
        Effect.map(ask(emulator, method, target, { body: {} }), ({ status, text }) =>
          status === 405 || text.includes("Not Found") ? "no route" : "route"
        )
      )
    })
  const removeByBody = ["POST", "/v1/auth/proxy/remove"] as const
  const removeByPath = ["DELETE", "/v1/auth/proxy/delete/ek-proxy-x"] as const
  const bulkOld = ["DELETE", "/v1/auth/proxy"] as const
  const bulkNew = ["DELETE", "/v1/auth/proxy/delete"] as const
  const unprefixed = ["GET", "/auth/proxy"] as const
  const all = [removeByBody, removeByPath, bulkOld, bulkNew, unprefixed]

  const cases = [
    [{}, ["route", "route", "route", "route", "route"]],
    [{ generation: "g0" }, ["no route", "route", "route", "no route", "route"]],
    [{ generation: "g1" }, ["route", "route", "no route", "route", "route"]],
    [{ generation: "g2" }, ["route", "route", "no route", "route", "route"]],
    [{ generation: "g2", legacyRoutes: false }, ["route", "no route", "no route", "route", "route"]],
    [{ bulkRoutes: "old" }, ["route", "route", "route", "no route", "route"]],
    [{ unprefixed: false }, ["route", "route", "route", "route", "no route"]]
  ] as const
  for (const [options, wanted] of cases) {
    it.scopedLive(`${JSON.stringify(options)} serves the routes of its documents and no others`, () =>
      Effect.map(answers(options, ...all), (seen) => assert.deepStrictEqual(seen, [...wanted]))
    )
  }
})
