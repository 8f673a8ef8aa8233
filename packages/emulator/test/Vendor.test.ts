import { assert, describe, it } from "@effect/vitest"
import { Effect, Struct } from "effect"
import { Emulator } from "@keysweep/emulator/Emulator"
import { account, ask, keyAt } from "./support.ts"

const start = Emulator.start({ seed: "demo", rpm: 1000 })

/** The examples of the vendor's pages, with nothing changed but the host. */
describe("the vendor's own examples", () => {
  it.scopedLive("GET /auth/proxy answers a bare array, with every field of the page, secrets included", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const reply = yield* ask(emulator, "GET", "/v1/auth/proxy")
      const { keys } = yield* account(emulator)
      assert.strictEqual(reply.status, 200)
      assert.deepStrictEqual(
        reply.json,
        keys.map((key) => Struct.omit(key, "limit_type", "enabled_thinking", "window_started_at"))
      )
    })
  )

  it.scopedLive("GET /auth/proxy answers an empty array when there is no key", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: "empty" })
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).text, "[]")
    })
  )

  it.scopedLive("DELETE /auth/proxy/delete/ek-proxy-… deletes that key and no other", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const before = yield* account(emulator)
      const { key } = yield* keyAt(emulator, "staging")
      const reply = yield* ask(emulator, "DELETE", `/v1/auth/proxy/delete/${key}`)
      assert.deepStrictEqual([reply.status, reply.json], [200, { message: "Proxy key deleted" }])
      const after = yield* account(emulator)
      assert.deepStrictEqual(
        after.keys,
        before.keys.filter((kept) => kept.key !== key)
      )
      const again = yield* ask(emulator, "DELETE", `/v1/auth/proxy/delete/${key}`)
      assert.strictEqual(again.status, 404)
    })
  )

  it.scopedLive("POST /auth/proxy/toggle/ek-proxy-… flips, and says the state after the call", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const { key } = yield* keyAt(emulator, "staging")
      const first = yield* ask(emulator, "POST", `/v1/auth/proxy/toggle/${key}`)
      assert.deepStrictEqual(first.json, { message: "Proxy key status updated", status: false })
      const second = yield* ask(emulator, "POST", "/v1/auth/proxy/toggle", { body: { proxy_key: key } })
      assert.deepStrictEqual(second.json, { message: "Proxy key status updated", status: true })
    })
  )

  for (const path of ["/v1/auth/proxy", "/v1/auth/proxy/delete", "/auth/proxy", "/auth/proxy/delete"]) {
    it.scopedLive(`DELETE ${path} deletes every key, and says the same when there was none`, () =>
      Effect.gen(function* () {
        const emulator = yield* start
        for (const attempt of ["with keys", "without keys"]) {
          const reply = yield* ask(emulator, "DELETE", path)
          assert.deepStrictEqual([reply.status, reply.json], [200, { message: "Proxy keys deleted" }], attempt)
          assert.deepStrictEqual((yield* account(emulator)).keys, [])
        }
        assert.strictEqual((yield* emulator.state).accounts[1]?.keys.length, 2, "keys of others stay")
      })
    )
  }

  it.scopedLive("create answers 201 with the page's object, and every call makes another key", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const body = {
        name: "Production API Key",
        expires_at: 1_999_999_999,
        allocated_ammount: 100.0,
        model_whitelist: ["gpt-4o", "claude-3-5-sonnet-20241022"],
        ip_whitelist: ["192.168.1.0/24", "203.0.113.42"]
      }
      const first = yield* ask(emulator, "POST", "/v1/auth/proxy/create", { body })
      assert.strictEqual(first.status, 201)
      const made = yield* keyAt(emulator, 12)
      assert.match(made.key, /^ek-proxy-[0-9a-f]{16}$/)
      assert.deepStrictEqual(first.json, {
        ...body,
        key: made.key,
        used_ammount: 0,
        is_active: true,
        created_at: made.created_at,
        last_used: null
      })
      yield* ask(emulator, "POST", "/v1/auth/proxy/create", { body })
      assert.strictEqual((yield* account(emulator)).keys.length, 14)
    })
  )

  it.scopedLive("lookup shows user_id and enabled_thinking, in both dialects alike", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const { key, name } = yield* keyAt(emulator, 0)
      const byBody = yield* ask(emulator, "POST", "/v1/auth/proxy/lookup", { body: { proxy_key: key } })
      const byPath = yield* ask(emulator, "GET", `/v1/auth/proxy/${key}`)
      assert.deepStrictEqual(byBody.json, byPath.json)
      const { userId } = yield* account(emulator)
      assert.deepNestedInclude(byBody.json, { name, key, user_id: userId, enabled_thinking: true })
      assert.notProperty(byBody.json, "limit_type")
    })
  )

  it.scopedLive("update replaces everything that can be set: an allow-list left out is lifted", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const before = yield* keyAt(emulator, "production-web")
      const settings = { name: "renamed", expires_at: -1, allocated_ammount: 500 }
      const reply = yield* ask(emulator, "POST", "/v1/auth/proxy/update", {
        body: { proxy_key: before.key, ...settings }
      })
      assert.deepStrictEqual([reply.status, reply.json], [200, { message: "Proxy key updated" }])
      assert.deepStrictEqual(yield* keyAt(emulator, "renamed"), {
        ...before,
        ...settings,
        model_whitelist: [],
        ip_whitelist: [],
        limit_type: "daily"
      })
      const byPath = yield* ask(emulator, "POST", `/v1/auth/proxy/update/${before.key}`, {
        body: { ...settings, limit_type: "weekly" }
      })
      assert.strictEqual(byPath.status, 200)
      assert.strictEqual((yield* keyAt(emulator, "renamed")).limit_type, "weekly")
    })
  )

  it.scopedLive("validate is called with the proxy key itself, and 200 carries the verdict", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const verdict = (name: string, model?: string, ip = "203.0.113.42") =>
        Effect.gen(function* () {
          const { key } = yield* keyAt(emulator, name)
          const body = model === undefined ? undefined : { model }
          return (yield* ask(emulator, "POST", "/v1/auth/proxy/validate", {
            key,
            body,
            headers: { "cf-connecting-ip": ip }
          })).json
        })
      assert.deepStrictEqual(yield* verdict("production-web", "gpt-4o"), { valid: true, message: "Access granted" })
      assert.deepStrictEqual(yield* verdict("production-web", "dall-e-3"), {
        valid: false,
        message: "Model 'dall-e-3' not in whitelist"
      })
      assert.deepStrictEqual(yield* verdict("production-web", "gpt-4o", "198.51.100.1"), {
        valid: false,
        message: "IP address not in whitelist"
      })
      assert.deepStrictEqual(yield* verdict("hackathon-2026-03"), { valid: false, message: "Proxy key has expired" })
      assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/validate")).status, 400)
      assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/validate", { key: "ek-proxy-x" })).status, 401)
    })
  )

  it.scopedLive("regeneration kills the old master key at once, leaves the proxy keys, and works once an hour", () =>
    Effect.gen(function* () {
      const emulator = yield* start
      const reply = yield* ask(emulator, "GET", "/v1/auth/key/regen")
      const { apiKey, keys } = yield* account(emulator)
      assert.deepStrictEqual([reply.status, reply.json], [200, { key: apiKey }])
      assert.match(apiKey, /^ek-.{32}$/)
      assert.strictEqual(keys.length, 12)
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).status, 401)
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/key/regen", { key: apiKey })).status, 429)
      yield* emulator.advance(3_600_000)
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/key/regen", { key: apiKey })).status, 200)
    })
  )
})
