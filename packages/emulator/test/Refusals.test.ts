import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import { account, ask, keyAt, messageOf, oneKey, only, type Reply } from "./support.ts"

const remove = (key: unknown) => ({ body: { proxy_key: key } })
const settings = { name: "new", expires_at: -1, allocated_ammount: 1 }

const managing = [
  ["GET", "/v1/auth/proxy"],
  ["POST", "/v1/auth/proxy/create"],
  ["POST", "/v1/auth/proxy/lookup"],
  ["POST", "/v1/auth/proxy/update"],
  ["POST", "/v1/auth/proxy/toggle"],
  ["POST", "/v1/auth/proxy/remove"],
  ["DELETE", "/v1/auth/proxy/delete"],
  ["DELETE", "/v1/auth/proxy"],
  ["GET", `/v1/auth/proxy/${only}`],
  ["POST", `/v1/auth/proxy/update/${only}`],
  ["POST", `/v1/auth/proxy/toggle/${only}`],
  ["DELETE", `/v1/auth/proxy/delete/${only}`],
  ["GET", "/v1/auth/key/regen"],
  ["GET", "/v1/user/me"],
  ["GET", "/v1/user/logs"]
] as const

describe("who may call", () => {
  for (const [method, path] of managing) {
    it.scopedLive(
      `${method} ${path} changes nothing without the account's master key: 401, or 403 for a proxy key`,
      () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.start({ seed: oneKey() })
          const before = yield* account(emulator)
          const body = { proxy_key: only, ...settings }
          const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln"
          for (const key of [null, "", "ek-wrong", "ek-dev-0123", "ek-proxy-ffffffffffffffff", jwt]) {
            assert.strictEqual((yield* ask(emulator, method, path, { key, body })).status, 401, String(key))
          }
          assert.strictEqual((yield* ask(emulator, method, path, { key: only, body })).status, 403)
          assert.deepStrictEqual(yield* account(emulator), before)
        })
    )
  }

  it.scopedLive("a key of somebody else is 403, an unknown one 404: so 403 tells that a guess was right", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 100 })
      const foreign = (yield* emulator.state).accounts[1]?.keys[0]?.key ?? ""
      for (const [key, status] of [
        [foreign, 403],
        ["ek-proxy-unknown", 404]
      ] as const) {
        for (const call of ["lookup", "toggle", "remove", "update"]) {
          const body = { proxy_key: key, ...settings }
          assert.strictEqual((yield* ask(emulator, "POST", `/v1/auth/proxy/${call}`, { body })).status, status, call)
        }
        assert.strictEqual((yield* ask(emulator, "DELETE", `/v1/auth/proxy/delete/${key}`)).status, status)
        assert.strictEqual((yield* ask(emulator, "GET", `/v1/auth/proxy/${key}`)).status, status)
      }
    })
  )

  it.scopedLive("before 2026-05-23 anybody could read and delete a key by its path: the switch brings it back", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey(), legacyAuth: false })
      assert.strictEqual((yield* ask(emulator, "GET", `/v1/auth/proxy/${only}`, { key: null })).status, 200)
      assert.strictEqual((yield* ask(emulator, "DELETE", `/v1/auth/proxy/delete/${only}`, { key: null })).status, 200)
      assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/toggle", { key: null })).status, 401)
    })
  )

  it.scopedLive("GET /v1/models needs no key", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start()
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/models", { key: null })).status, 200)
    })
  )
})

describe("what a key may be", () => {
  const refused = (what: string, change: object, param: string) =>
    it.scopedLive(`${what} is a 400 that names ${param}`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.start({ seed: oneKey() })
        const before = yield* account(emulator)
        const body = { proxy_key: only, ...settings, ...change }
        for (const path of ["create", "update", `update/${only}`]) {
          const reply = yield* ask(emulator, "POST", `/v1/auth/proxy/${path}`, { body })
          assert.strictEqual(reply.status, 400)
          assert.deepNestedInclude(reply.json, { "error.param": param, "error.code": 400 })
        }
        assert.deepStrictEqual(yield* account(emulator), before)
      })
    )
  refused("an allocation of 0", { allocated_ammount: 0 }, "allocated_ammount")
  refused("a negative allocation", { allocated_ammount: -1 }, "allocated_ammount")
  refused("an allocation over the cap", { allocated_ammount: 10_000.01 }, "allocated_ammount")
  refused("an allocation that is no number", { allocated_ammount: "lots" }, "allocated_ammount")
  refused("a missing allocation", { allocated_ammount: undefined }, "allocated_ammount")
  refused("an expiry in the past", { expires_at: 1_700_000_000 }, "expires_at")
  refused("an expiry of 0", { expires_at: 0 }, "expires_at")
  refused("a broken expiry", { expires_at: 1.5 }, "expires_at")
  refused("a name of 26 characters", { name: "x".repeat(26) }, "name")
  refused("a name that is no text", { name: 5 }, "name")
  refused("an address that is none", { ip_whitelist: ["10.0.0.0/33"] }, "ip_whitelist")
  refused("a list that is none", { model_whitelist: "gpt-4o" }, "model_whitelist")
  refused("an unknown window", { limit_type: "yearly" }, "limit_type")

  it.scopedLive("names of 25 characters, allocations at the cap and IPv6 ranges are taken", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey({}, { balance: 20_000 }) })
      const body = { name: "ß".repeat(25), expires_at: -1, allocated_ammount: 10_000, ip_whitelist: ["2001:db8::/32"] }
      assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/create", { body })).status, 201)
    })
  )

  it.scopedLive("each plan has its number of keys; one more is a 403", () =>
    Effect.gen(function* () {
      for (const [plan, cap] of [
        ["free", 10],
        ["basic", 15],
        ["standard", 30],
        ["pro", 50],
        ["enterprise", 100]
      ] as const) {
        const keys = Array.from({ length: cap - 1 }, (_, at) => ({
          name: "k",
          key: `ek-proxy-${at}`,
          allocated_ammount: 1
        }))
        const emulator = yield* Emulator.start({ seed: oneKey({}, { plan, keys }), rpm: 100 })
        assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/create", { body: settings })).status, 201)
        const over = yield* ask(emulator, "POST", "/v1/auth/proxy/create", { body: settings })
        assert.deepStrictEqual([over.status, (yield* account(emulator)).keys.length], [403, cap], plan)
      }
    })
  )

  const outcome = (options: EmulatorOptions, path: string, change: object) =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({
        seed: oneKey({ expires_at: 1_700_000_000, limit_type: "monthly" }),
        ...options
      })
      const body = { proxy_key: only, ...settings, ...change }
      const reply = yield* ask(emulator, "POST", `/v1/auth/proxy/${path}`, { body })
      const { keys } = yield* account(emulator)
      return [reply.status, keys.at(-1)?.limit_type]
    })
  it.scopedLive("switches: key cap, allocation cap, zero, expired updates, limit_type, create's status", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcome({ keyCap: 1 }, "create", {}), [403, "monthly"])
      assert.deepStrictEqual(yield* outcome({ allocationCap: 0.5 }, "create", {}), [400, "monthly"])
      assert.deepStrictEqual(yield* outcome({ zeroAllocation: true }, "create", { allocated_ammount: 0 }), [
        201,
        "daily"
      ])
      assert.deepStrictEqual(yield* outcome({}, "update", { expires_at: 1_700_000_000 }), [400, "monthly"])
      const allowed = yield* outcome({ expiredUpdate: "allowed" }, "update", { expires_at: 1_700_000_000 })
      assert.deepStrictEqual(allowed, [200, "daily"])
      assert.deepStrictEqual(yield* outcome({ limitTypeOmitted: "kept" }, "update", {}), [200, "monthly"])
      assert.deepStrictEqual(yield* outcome({}, "create", { limit_type: "weekly" }), [201, "daily"])
      assert.deepStrictEqual(
        yield* outcome({ createLimitType: "taken", createStatus: 200 }, "create", { limit_type: "weekly" }),
        [200, "weekly"]
      )
    })
  )
})

describe("bodies", () => {
  const bodies: ReadonlyArray<readonly [string, object, string]> = [
    ["malformed JSON", { text: "{" }, "JSON decode error"],
    ["no body", {}, "Field required"],
    ["a list", { body: [] }, "Input should be a valid dictionary or object to extract fields from"],
    [
      "no content type",
      { text: `{"proxy_key":"${only}"}`, headers: { "content-type": "text/plain" } },
      "Input should be a valid dictionary or object to extract fields from"
    ],
    ["no proxy_key", { body: {} }, "proxy_key: Field required"],
    ["an empty proxy_key", remove(""), "proxy_key: String should have at least 1 character"],
    ["257 characters", remove("x".repeat(257)), "proxy_key: String should have at most 256 characters"],
    ["a number", remove(5), "proxy_key: Input should be a valid string"]
  ]
  for (const [name, asking, message] of bodies) {
    it.scopedLive(`${name} is a 400 in the envelope, in the words of FastAPI`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.start({ seed: oneKey() })
        const reply = yield* ask(emulator, "POST", "/v1/auth/proxy/remove", asking)
        assert.deepStrictEqual([reply.status, messageOf(reply)], [400, message])
        assert.strictEqual((yield* account(emulator)).keys.length, 1)
      })
    )
  }

  it.scopedLive("more than 1 MiB is refused", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start()
      const reply = yield* ask(emulator, "POST", "/v1/auth/proxy/remove", { text: " ".repeat(1_048_577) })
      assert.strictEqual(reply.status, 413)
    })
  )
})

describe("error bodies", () => {
  const error = (
    options: EmulatorOptions,
    path = "/v1/auth/proxy/remove",
    body: object = { proxy_key: "ek-proxy-x" }
  ) =>
    Effect.flatMap(Emulator.start({ seed: oneKey(), ...options }), (emulator) => ask(emulator, "POST", path, { body }))
  const shown = ({ status, json }: Reply) => [status, json]
  const message = "Proxy key not found"
  const envelope = { message, type: "invalid_request_error", param: null, code: 404 }

  it.scopedLive("come in every documented shape", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(shown(yield* error({})), [404, { error: envelope }])
      assert.deepStrictEqual(shown(yield* error({ errorCode: "string" })), [
        404,
        { error: { ...envelope, code: "not_found" } }
      ])
      assert.deepStrictEqual(shown(yield* error({ errorCode: "null" })), [404, { error: { ...envelope, code: null } }])
      assert.deepStrictEqual(shown(yield* error({ errorBody: "detail-string" })), [404, { detail: message }])
      assert.deepStrictEqual(shown(yield* error({ errorBody: "detail-error" })), [404, { detail: { error: envelope } }])
      assert.deepNestedInclude((yield* error({ errorBody: "detail-list" })).json, { "detail[0].msg": message })
      assert.include((yield* error({ errorBody: "html" })).headers["content-type"], "text/html")
    })
  )

  it.scopedLive("of the older generations are those of a stock FastAPI: 422, a list, and the input repeated", () =>
    Effect.gen(function* () {
      const list = [
        {
          type: "string_too_short",
          loc: ["body", "proxy_key"],
          msg: "String should have at least 1 character",
          input: ""
        }
      ]
      const g1 = yield* error({ generation: "g1" }, undefined, { proxy_key: "" })
      assert.deepStrictEqual(shown(g1), [422, { detail: list }])
      assert.deepStrictEqual(shown(yield* error({ generation: "g1" })), [404, { detail: message }])
      const switched = yield* error({ generation: "g1", validationStatus: 400, errorBody: "envelope" }, undefined, {})
      assert.deepNestedInclude(switched.json, { "error.code": 400 })
    })
  )
})

describe("what reads show", () => {
  it.scopedLive("is what the switches say", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({
        seed: oneKey({ limit_type: "weekly" }),
        showUserId: "never",
        showThinking: "always",
        showLimitType: "lookup",
        neverUsed: "zero"
      })
      const list = yield* ask(emulator, "GET", "/v1/auth/proxy")
      assert.nestedPropertyVal(list.json, "[0].enabled_thinking", true)
      assert.nestedPropertyVal(list.json, "[0].last_used", 0)
      assert.notNestedProperty(list.json, "[0].limit_type")
      const lookup = yield* ask(emulator, "GET", `/v1/auth/proxy/${only}`)
      assert.deepNestedInclude(lookup.json, { limit_type: "weekly" })
      assert.notProperty(lookup.json, "user_id")
    })
  )

  it.scopedLive("a field that this emulator does not know stays on the key that a seed gave it to", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey({ team: { name: "search" } }) })
      yield* ask(emulator, "POST", "/v1/auth/proxy/update", { body: { proxy_key: only, ...settings } })
      assert.nestedPropertyVal((yield* ask(emulator, "GET", "/v1/auth/proxy")).json, "[0].team.name", "search")
    })
  )

  it.scopedLive(
    "validate answers an inactive key with a verdict or with 401; proxy keys that manage get 403 or 401",
    () =>
      Effect.gen(function* () {
        const seed = oneKey({ is_active: false })
        const open = yield* Emulator.start({ seed })
        const strict = yield* Emulator.start({ seed, inactiveValidate: "401", proxyKeyStatus: 401 })
        const validate = (emulator: typeof open) => ask(emulator, "POST", "/v1/auth/proxy/validate", { key: only })
        assert.deepStrictEqual((yield* validate(open)).json, { valid: false, message: "Proxy key is inactive" })
        assert.strictEqual((yield* validate(strict)).status, 401)
        assert.strictEqual((yield* ask(strict, "GET", "/v1/auth/proxy", { key: only })).status, 401)
        assert.strictEqual((yield* keyAt(strict, 0)).is_active, false)
      })
  )
})

describe("the edge", () => {
  it.scopedLive("challenges the agents and paths it is told to, with HTML and without the limiter's headers", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({
        challengeAgent: ["go-http", ""],
        challengePath: ["/auth/proxy/delete*"]
      })
      const agent = (name: string) => ({ headers: { "user-agent": name } })
      for (const reply of [
        yield* ask(emulator, "GET", "/v1/auth/proxy", agent("Go-http-client/1.1")),
        yield* ask(emulator, "GET", "/v1/auth/proxy"),
        yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete/x", agent("me"))
      ]) {
        assert.strictEqual(reply.status, 403)
        assert.include(reply.headers["content-type"], "text/html")
        assert.notProperty(reply.headers, "x-ratelimit-limit")
      }
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy", agent("me"))).status, 200)
    })
  )
})
