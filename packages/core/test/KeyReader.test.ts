import { HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { accountIdOf } from "../src/Account.ts"
import { AccountMemory } from "../src/AccountMemory.ts"
import { BulkDelete } from "../src/BulkDelete.ts"
import { KeyReader } from "../src/KeyReader.ts"
import { type Answer, answering, ok } from "./support/Answering.ts"
import { target } from "./support/EveryCall.ts"
import { masterKey, stack } from "./support/Stack.ts"
import { free } from "./support/TestServer.ts"

const record = { key: "ek-proxy-1234567890abcdef", name: "n", expires_at: -1, allocated_ammount: 1 }
const page = (status: number): Answer => ({ status, body: "<html>Just a moment...</html>" })
const missing: Answer = { status: 404, body: '{"detail":"Not Found"}' }

/** A server that answers a list, and a lookup in each dialect as it is told. */
const server = (byBody: Answer, byPath: Answer) => {
  const asked: Array<string> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const path = url.pathname.replace("/v1", "")
      asked.push(`${request.method} ${path}`)
      const answer = path === "/auth/proxy" ? ok([record]) : path === "/auth/proxy/lookup" ? byBody : byPath
      return HttpClientResponse.fromWeb(request, new Response(answer.body, { status: answer.status, headers: free }))
    })
  )
  return { asked, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

const identify = Effect.gen(function* () {
  const reader = yield* KeyReader
  return yield* reader.identify(yield* reader.list)
})
const found = ok({ ...record, user_id: "user_abc123" })

describe("the dialect of a server", () => {
  it.effect("is static where the body form answers, found with one lookup, and then remembered", () =>
    Effect.gen(function* () {
      const { asked, layer } = server(found, found)
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* identify, { account: accountIdOf("user_abc123"), dialect: "static" })
        assert.deepStrictEqual(yield* identify, { account: accountIdOf("user_abc123"), dialect: "static" })
      }).pipe(Effect.provide(stack(layer)))
      assert.deepStrictEqual(asked, ["GET /auth/proxy", "POST /auth/proxy/lookup", "GET /auth/proxy"])
    })
  )

  for (const refusal of [
    missing,
    { ...missing, status: 405 },
    { ...missing, status: 422 },
    { ...missing, status: 307 },
    page(404),
    page(403)
  ]) {
    it.live(
      `is path where the body form is refused with ${refusal.status} ${refusal.body.slice(0, 6)} and the path form answers`,
      () =>
        Effect.gen(function* () {
          const { layer } = server(refusal, found)
          const { dialect } = yield* Effect.provide(identify, stack(layer, { dialect: "path" }))
          assert.strictEqual(dialect, "path")
          assert.strictEqual((yield* Effect.provide(identify, stack(layer))).dialect, "path")
        })
    )
  }

  it.effect("is not guessed from a success that makes no sense, nor from an answer about another key", () =>
    Effect.gen(function* () {
      for (const answer of [ok([]), ok({}), page(200), ok({ ...record, key: "ek-proxy-another" })]) {
        const { asked, layer } = server(answer, found)
        const error = yield* Effect.flip(Effect.provide(identify, stack(layer)))
        assert.strictEqual(error._tag, "UnexpectedResponse")
        assert.lengthOf(asked, 2)
      }
    })
  )

  it.effect("forced wrongly, refuses with the cure, and remembers nothing", () =>
    Effect.gen(function* () {
      for (const [dialect, { layer }, other] of [
        ["static", server(missing, found), "path"],
        ["path", server(found, missing), "static"]
      ] as const) {
        yield* Effect.gen(function* () {
          const error = yield* Effect.flip(identify)
          assert.strictEqual(error._tag, "RouteMissing")
          assert.include(error.message, `Set the dialect to auto, or to ${other}`)
          const memory = yield* AccountMemory
          assert.isNull(yield* memory.get(accountIdOf(masterKey)))
        }).pipe(Effect.provide(stack(layer, { dialect })))
      }
    })
  )

  it.effect("that answers neither form is no Electron Hub, and says so", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(identify, stack(server(missing, missing).layer)))
      assert.strictEqual(error._tag, "RouteMissing")
      assert.include(error.message, "check the base URL")
    })
  )

  it.effect("remembered of another server, or against the settings, is found out anew", () =>
    Effect.gen(function* () {
      for (const [options, baseUrl] of [
        [{}, "http://127.0.0.1:10/v1"],
        [{ dialect: "static" }, "http://127.0.0.1:9/v1"]
      ] as const) {
        yield* Effect.gen(function* () {
          const memory = yield* AccountMemory
          yield* memory.set(accountIdOf(masterKey), { account: accountIdOf("old"), dialect: "path", baseUrl })
          assert.strictEqual((yield* identify).dialect, "static")
        }).pipe(Effect.provide(stack(server(found, found).layer, options)))
      }
    })
  )

  it.effect("of an account without keys is not known yet, and costs no request", () =>
    Effect.gen(function* () {
      const upstream = answering([ok([])])
      const identity = yield* Effect.provide(identify, stack(upstream.layer))
      assert.deepStrictEqual(identity, { account: accountIdOf(masterKey), dialect: null })
      assert.lengthOf(upstream.asked, 1)
    })
  )

  it.effect("an empty user_id is none: accounts without an id are not all the same account", () =>
    Effect.gen(function* () {
      const { layer } = server(ok({ ...record, user_id: "" }), missing)
      assert.strictEqual((yield* Effect.provide(identify, stack(layer))).account, accountIdOf(masterKey))
    })
  )
})

describe("a listing", () => {
  it.effect(
    "is partial when one record cannot be read or stands there twice, and says which field, not what was in it",
    () =>
      Effect.gen(function* () {
        const records = [
          record,
          { ...record, key: "sk-live-something" },
          record,
          null,
          { ...record, key: "ek-proxy-2", expires_at: "soon" }
        ]
        const { keys, unreadable } = yield* Effect.provide(
          Effect.flatMap(KeyReader, (reader) => reader.list),
          stack(answering([ok(records)]).layer)
        )
        assert.lengthOf(keys, 1)
        assert.deepStrictEqual(unreadable, [
          { position: 1, problem: "cannot read key" },
          { position: 2, problem: "the same key twice" },
          { position: 3, problem: "cannot read the record itself" },
          { position: 4, problem: "cannot read expires_at" }
        ])
      })
  )

  it.effect("keeps every field that it does not know, whatever its name", () =>
    Effect.gen(function* () {
      const odd = '{"toString":1,"constructor":2,"nested":{"__proto__":{"a":1}},"limit_type":"weekly"}'
      const body = `[${JSON.stringify(record).slice(0, -1)},${odd.slice(1)}]`
      const { keys } = yield* Effect.provide(
        Effect.flatMap(KeyReader, (reader) => reader.list),
        stack(answering([{ status: 200, body }]).layer)
      )
      assert.strictEqual(JSON.stringify(keys[0]?.other), odd)
    })
  )

  it.effect("with a field that no object can hold is partial: its neighbours are not taken for what it says", () =>
    Effect.gen(function* () {
      const body = `[${JSON.stringify(record).slice(0, -1)},"__proto__":{"is_active":false}}]`
      const { keys, unreadable } = yield* Effect.provide(
        Effect.flatMap(KeyReader, (reader) => reader.list),
        stack(answering([{ status: 200, body }]).layer)
      )
      assert.deepStrictEqual(keys, [])
      assert.deepStrictEqual(unreadable, [{ position: 0, problem: "cannot read __proto__" }])
    })
  )
})

describe("delete-all", () => {
  it.effect("has one route in each dialect, is sent once, and is not sent again after a lock-out or a lost reply", () =>
    Effect.gen(function* () {
      for (const answer of [ok({ message: "Proxy keys deleted" }), { status: 429, body: "{}" }, page(502), page(200)]) {
        for (const [dialect, path] of [
          ["static", "/v1/auth/proxy/delete"],
          ["path", "/v1/auth/proxy"]
        ] as const) {
          const upstream = answering([answer])
          yield* Effect.exit(
            Effect.provide(
              Effect.flatMap(BulkDelete, (bulk) => bulk.deleteAll(dialect, [target.id])),
              stack(upstream.layer)
            )
          )
          assert.deepStrictEqual(upstream.asked, [
            { method: "DELETE", path, authorization: `Bearer ${masterKey}`, body: "" }
          ])
        }
      }
    })
  )
})
