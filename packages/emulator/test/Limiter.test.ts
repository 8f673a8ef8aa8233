import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import { ask, keyAt, messageOf, oneKey, only, type Running } from "./support.ts"

const list = (emulator: Running, key?: string) =>
  ask(emulator, "GET", "/v1/auth/proxy", key === undefined ? {} : { key })
const statuses = (emulator: Running, count: number) =>
  Effect.map(Effect.replicateEffect(list(emulator), count), (replies) => replies.map(({ status }) => status))
const limits = ({ headers }: { readonly headers: { readonly [name: string]: unknown } }) => [
  headers["x-ratelimit-limit"],
  headers["x-ratelimit-remaining"]
]

describe("the rate limit", () => {
  it.scopedLive("lets R calls through in a window, failed ones counted, and then nothing for 180 s", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 3 })
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy/ek-proxy-unknown")).status, 404)
      assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/lookup", { text: "{" })).status, 400)
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/nowhere")).status, 404)
      const refused = yield* list(emulator)
      assert.deepStrictEqual(refused.json, {
        error: { message: "Rate limit exceeded. Try again in 180 seconds.", type: "error", param: null, code: 429 }
      })
      assert.notProperty(refused.headers, "retry-after")
      yield* emulator.advance(179_000)
      assert.strictEqual((yield* list(emulator)).status, 429)
      yield* emulator.advance(1000)
      assert.strictEqual((yield* list(emulator)).status, 200)
    })
  )

  it.scopedLive("slides: a call frees its place one window after it was made", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 2 })
      yield* list(emulator)
      yield* emulator.advance(40_000)
      yield* list(emulator)
      yield* emulator.advance(20_000)
      assert.deepStrictEqual(yield* statuses(emulator, 2), [200, 429])
    })
  )

  it.scopedLive("shows limit, remaining and an absolute reset on every response, errors and redirects too", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 4 })
      assert.deepStrictEqual(limits(yield* list(emulator)), ["4", "3"])
      assert.deepStrictEqual(limits(yield* ask(emulator, "DELETE", "/v1/auth/proxy/delete/")), ["4", "2"])
      assert.deepStrictEqual(limits(yield* ask(emulator, "GET", "/nowhere")), ["4", "1"])
      assert.deepStrictEqual(limits(yield* ask(emulator, "GET", "/v1/auth/proxy", { key: "ek-wrong" })), ["4", "4"])
      const last = yield* list(emulator)
      const refused = yield* list(emulator)
      assert.deepStrictEqual(limits(refused), ["4", "0"])
      const reset = Number(refused.headers["x-ratelimit-reset"]) - Number(last.headers["x-ratelimit-reset"])
      assert.isAtLeast(reset, 119)
      assert.isAtMost(reset, 179)
    })
  )

  it.scopedLive("a time scale divides window and cooldown, and leaves the numbers in messages alone", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 1, timeScale: 10, retryAfter: true })
      yield* list(emulator)
      const refused = yield* list(emulator)
      assert.include(messageOf(refused), "180 seconds")
      assert.strictEqual(refused.headers["retry-after"], "180")
      yield* emulator.advance(18_000)
      assert.strictEqual((yield* list(emulator)).status, 200)
      yield* emulator.advance(6000)
      assert.strictEqual((yield* list(emulator)).status, 200)
    })
  )

  const afterHitAt100 = (options: EmulatorOptions) =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 1, ...options })
      yield* statuses(emulator, 2)
      yield* emulator.advance(100_000)
      const hit = yield* list(emulator)
      yield* emulator.advance(80_001)
      return [messageOf(hit), (yield* list(emulator)).status] as const
    })
  it.scopedLive("a call in the cooldown changes nothing, unless the switch says that it starts it again", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* afterHitAt100({}), ["Rate limit exceeded. Try again in 180 seconds.", 200])
      assert.strictEqual((yield* afterHitAt100({ cooldownExtends: true }))[1], 429)
      const [message] = yield* afterHitAt100({ cooldownMessage: "countdown" })
      assert.match(message, /Try again in (80|79) seconds\./)
    })
  )

  it.scopedLive("the cooldown is as long as the switch says, and the message says the same", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 1, cooldown: 90 })
      assert.include(
        messageOf((yield* Effect.replicateEffect(list(emulator), 2))[1] ?? (yield* list(emulator))),
        "90 seconds"
      )
      yield* emulator.advance(90_000)
      assert.strictEqual((yield* list(emulator)).status, 200)
    })
  )

  it.scopedLive("proxy keys share the account's window, or have their own", () =>
    Effect.gen(function* () {
      for (const [limiterScope, wanted] of [
        ["account", 429],
        ["key", 200]
      ] as const) {
        const emulator = yield* Emulator.start({ rpm: 1, limiterScope })
        yield* list(emulator)
        const { key } = yield* keyAt(emulator, "staging")
        assert.strictEqual((yield* ask(emulator, "POST", "/v1/auth/proxy/validate", { key })).status, wanted)
      }
    })
  )

  it.scopedLive("accounts do not share a window", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 1 })
      yield* statuses(emulator, 2)
      const other = (yield* emulator.state).accounts[1]
      assert.strictEqual((yield* list(emulator, other?.apiKey)).status, 200)
    })
  )

  it.scopedLive("user/me draws on the quota, unless the switch makes it free once a minute", () =>
    Effect.gen(function* () {
      const reads = (freeUserMe: boolean) =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.start({ rpm: 1, freeUserMe })
          const read = ask(emulator, "GET", "/v1/user/me")
          return (yield* Effect.replicateEffect(read, 3)).map(({ status }) => status)
        })
      assert.deepStrictEqual(yield* reads(false), [200, 429, 429])
      assert.deepStrictEqual(yield* reads(true), [200, 200, 429])
    })
  )

  it.scopedLive("the limit comes from the plan, from the switch, or from the account itself", () =>
    Effect.gen(function* () {
      const limit = (options: EmulatorOptions) =>
        Effect.flatMap(Emulator.start(options), (emulator) => Effect.map(list(emulator), (reply) => limits(reply)[0]))
      assert.strictEqual(yield* limit({ seed: "empty" }), "5")
      assert.strictEqual(yield* limit({ seed: "empty", plan: "business" }), "60")
      assert.strictEqual(yield* limit({ seed: "demo" }), "30")
      assert.strictEqual(yield* limit({ seed: "demo", rpm: 7 }), "7")
      assert.strictEqual(yield* limit({ seed: oneKey({}, { rpm: 250 }), rpm: 7 }), "250")
    })
  )

  it.scopedLive("the limit can drop while somebody is at work", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 10 })
      yield* statuses(emulator, 3)
      yield* emulator.switches({ rpm: 3 })
      assert.deepStrictEqual(yield* statuses(emulator, 1), [429])
    })
  )

  it.scopedLive("more API keys from one address than a free plan allows get a 403, where the switch says so", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey({}, { plan: "free" }), rpm: 100, ipKeyLimit: 1 })
      assert.strictEqual((yield* list(emulator)).status, 200)
      const refused = yield* ask(emulator, "POST", "/v1/auth/proxy/validate", { key: only })
      assert.strictEqual(refused.status, 403)
      assert.include(messageOf(refused), "IP address limit reached. Maximum 1 API keys for IP 127.0.0.1.")
    })
  )
})
