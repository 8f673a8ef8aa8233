import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import type { KeyInput } from "@keysweep/emulator/AccountState"
import { account, ask, keyAt, messageOf, oneKey, only, type Running } from "./support.ts"

const balance = (emulator: Running) => Effect.map(account(emulator), ({ balance }) => balance)
const create = (emulator: Running, allocated_ammount: number) =>
  ask(emulator, "POST", "/v1/auth/proxy/create", { body: { name: "new", expires_at: -1, allocated_ammount } })
const update = (emulator: Running, allocated_ammount: number) =>
  ask(emulator, "POST", "/v1/auth/proxy/update", {
    body: { proxy_key: only, name: "only", expires_at: -1, allocated_ammount }
  })
const chat = (emulator: Running, key: string | undefined, cost: number, model = "gpt-4o") =>
  ask(emulator, "POST", "/v1/chat/completions", {
    ...(key === undefined ? {} : { key }),
    body: { model, messages: [{ role: "user", content: "Hi" }] },
    headers: { "x-emulator-cost": String(cost) }
  })

describe("money", () => {
  it.scopedLive(
    "transfer: create deducts, raising deducts the difference, lowering and deleting return the unused",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.start({ seed: oneKey({ used_ammount: 4 }) })
        yield* create(emulator, 12.5)
        assert.strictEqual(yield* balance(emulator), 87.5)
        yield* update(emulator, 15.1)
        assert.strictEqual(yield* balance(emulator), 82.4)
        yield* update(emulator, 6)
        assert.strictEqual(yield* balance(emulator), 91.5)
        yield* update(emulator, 1)
        assert.strictEqual(yield* balance(emulator), 93.5, "what was spent does not come back")
        assert.strictEqual((yield* keyAt(emulator, "only")).used_ammount, 4, "use is kept")
        yield* ask(emulator, "POST", "/v1/auth/proxy/remove", { body: { proxy_key: only } })
        assert.strictEqual(yield* balance(emulator), 93.5)
        yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete")
        assert.strictEqual(yield* balance(emulator), 106)
      })
  )

  it.scopedLive("transfer: toggle leaves the allocation on the key", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey() })
      yield* ask(emulator, "POST", "/v1/auth/proxy/toggle", { body: { proxy_key: only } })
      assert.strictEqual(yield* balance(emulator), 100)
      assert.strictEqual((yield* keyAt(emulator, "only")).allocated_ammount, 10)
    })
  )

  it.scopedLive("transfer: what the balance cannot pay is refused and changes nothing", () =>
    Effect.gen(function* () {
      for (const shortBalance of [402, 400] as const) {
        const emulator = yield* Emulator.start({ seed: oneKey(), shortBalance })
        const before = yield* account(emulator)
        const refused = yield* create(emulator, 100.01)
        assert.strictEqual(refused.status, shortBalance)
        assert.include(messageOf(refused), "Insufficient balance.")
        assert.strictEqual((yield* update(emulator, 110.01)).status, shortBalance)
        assert.deepStrictEqual(yield* account(emulator), before)
      }
    })
  )

  it.scopedLive("cap: an allocation is only a limit; the balance falls by what is spent", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey(), money: "cap" })
      yield* create(emulator, 5000)
      yield* chat(emulator, only, 2.5)
      assert.strictEqual(yield* balance(emulator), 97.5)
      yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete")
      assert.strictEqual(yield* balance(emulator), 97.5)
    })
  )

  it.scopedLive("user/me shows plan and credits, whole or exact", () =>
    Effect.gen(function* () {
      for (const [credits, wanted] of [
        ["integer", 99],
        ["exact", 99.75]
      ] as const) {
        const emulator = yield* Emulator.start({ seed: oneKey({}, { balance: 99.75 }), credits })
        const reply = yield* ask(emulator, "GET", "/v1/user/me")
        assert.deepNestedInclude(reply.json, { subscription: "enterprise", credits: wanted })
      }
    })
  )
})

describe("model calls", () => {
  it.scopedLive("charge the key, set last_used, and leave a line in user/logs", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey() })
      const reply = yield* chat(emulator, only, 0.25)
      assert.strictEqual(reply.status, 200)
      assert.deepNestedInclude(reply.json, { object: "chat.completion", model: "gpt-4o" })
      const key = yield* keyAt(emulator, "only")
      assert.strictEqual(key.used_ammount, 0.25)
      assert.isNumber(key.last_used)
      assert.strictEqual(yield* balance(emulator), 100, "the allocation was paid for before")
      const logs = yield* ask(emulator, "GET", "/v1/user/logs")
      assert.deepStrictEqual(logs.json, [
        {
          key: only,
          model: "gpt-4o",
          route: "chat.completions",
          credits: 0.25,
          timestamp: key.last_used,
          status: "success",
          input_tokens: 20,
          output_tokens: 10,
          ip: "127.0.0.1"
        }
      ])
    })
  )

  const refused = (name: string, key: Partial<KeyInput>, wanted: number, options: EmulatorOptions = {}) =>
    it.scopedLive(`are refused with ${wanted} for a key that is ${name}, and cost nothing`, () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.start({ seed: oneKey(key), ...options })
        const before = yield* keyAt(emulator, "only")
        assert.strictEqual((yield* chat(emulator, only, 0.5)).status, wanted)
        assert.deepStrictEqual(yield* keyAt(emulator, "only"), before)
      })
    )
  refused("inactive", { is_active: false }, 401)
  refused("inactive (switch)", { is_active: false }, 403, { deadKeyStatus: 403 })
  refused("expired", { expires_at: 1_700_000_000 }, 401)
  refused("not for this model", { model_whitelist: ["dall-e-3"] }, 403)
  refused("not for this address", { ip_whitelist: ["10.0.0.0/8", "2001:db8::/32"] }, 403)
  refused("spent", { used_ammount: 9.6 }, 402)

  it.scopedLive("take the model and address that the lists allow", () =>
    Effect.gen(function* () {
      const seed = oneKey({ model_whitelist: ["gpt-4o"], ip_whitelist: ["127.0.0.0/8"] })
      const emulator = yield* Emulator.start({ seed })
      assert.strictEqual((yield* chat(emulator, only, 1)).status, 200)
      assert.strictEqual((yield* chat(emulator, only, 9)).status, 200, "to the last credit")
      assert.strictEqual((yield* chat(emulator, only, 0.01)).status, 402)
    })
  )

  it.scopedLive("with the master key are paid from the balance", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey() })
      assert.strictEqual((yield* chat(emulator, undefined, 99)).status, 200)
      assert.strictEqual(yield* balance(emulator), 1)
      assert.strictEqual((yield* chat(emulator, undefined, 2)).status, 402)
    })
  )

  it.scopedLive("cost what the switch says where the request says nothing, and add up in user/me and user/models", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey(), chatPrice: 1.5 })
      const body = { model: "gpt-4o", messages: [] }
      yield* Effect.replicateEffect(ask(emulator, "POST", "/v1/chat/completions", { key: only, body }), 2)
      assert.strictEqual((yield* keyAt(emulator, "only")).used_ammount, 3)
      assert.deepNestedInclude((yield* ask(emulator, "GET", "/v1/user/models")).json, {
        total_consumption: 3,
        "models.gpt-4o.requests": 2
      })
      assert.deepNestedInclude((yield* ask(emulator, "GET", "/v1/user/me")).json, {
        usage: { input_tokens: 40, output_tokens: 20 },
        "history[0].requests": 2
      })
    })
  )

  it.scopedLive("of proxy keys stay out of user/logs where the switch says so", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey(), logProxyCalls: false })
      yield* chat(emulator, only, 1)
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/user/logs")).text, "[]")
    })
  )
})

describe("spend windows", () => {
  const usedAfter = (options: EmulatorOptions, days: number, limit_type: "daily" | "weekly" | "monthly") =>
    Effect.gen(function* () {
      const seed = oneKey({ used_ammount: 3, limit_type })
      const emulator = yield* Emulator.start({ seed, ...options })
      yield* emulator.advance(days * 86_400_000)
      yield* ask(emulator, "GET", "/v1/auth/proxy")
      return (yield* keyAt(emulator, "only")).used_ammount
    })
  it.scopedLive("never turn where money was transferred; else daily, weekly or monthly as the switch says", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* usedAfter({}, 400, "daily"), 3)
      assert.strictEqual(yield* usedAfter({ money: "cap" }, 1, "daily"), 0)
      assert.strictEqual(yield* usedAfter({ money: "cap" }, 7, "weekly"), 0)
      assert.strictEqual(yield* usedAfter({ money: "cap" }, 31, "monthly"), 0)
      assert.strictEqual(yield* usedAfter({ windowReset: "rolling" }, 0.99, "daily"), 3)
      assert.strictEqual(yield* usedAfter({ windowReset: "rolling" }, 1, "daily"), 0)
      assert.strictEqual(yield* usedAfter({ windowReset: "rolling" }, 6.9, "weekly"), 3)
      assert.strictEqual(yield* usedAfter({ windowReset: "rolling" }, 29.9, "monthly"), 3)
    })
  )
})
