import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted, Ref, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { fromCredits } from "../src/Credit.ts"
import { KeyWriter } from "../src/KeyWriter.ts"
import { answering } from "./support/Answering.ts"
import { everyCall, secret, target, settings } from "./support/EveryCall.ts"
import { Entries, masterKey, stack } from "./support/Stack.ts"

const Fixture = Schema.Struct({
  source: Schema.NonEmptyString,
  generation: Schema.NonEmptyString,
  status: Schema.Int,
  body: Schema.Unknown
})
const folder = fileURLToPath(new URL("fixtures/", import.meta.url))
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -5))
const fixture = (name: string) =>
  Schema.decodeUnknownSync(Schema.parseJson(Fixture))(readFileSync(`${folder}${name}.json`, "utf8"))
const answer = (name: string) => {
  const { status, body } = fixture(name)
  return { status, body: JSON.stringify(body) }
}

/** The call, what it is asked with, and what the documented answer must turn into. */
const using = <A, E, R>(name: string, call: Effect.Effect<A, E, R>) => {
  const upstream = answering([answer(name)])
  return { asked: upstream.asked, run: Effect.provide(call, stack(upstream.layer)) }
}

describe("the documented answers", () => {
  it.effect("list", () =>
    Effect.gen(function* () {
      const { keys, secrets, unreadable } = yield* using("list", everyCall.list).run
      assert.deepStrictEqual(unreadable, [])
      assert.strictEqual(secrets.size, 2)
      const [production, development] = keys
      assert.strictEqual(production?.id, target.id)
      assert.strictEqual(production?.name, "Production API Key")
      assert.strictEqual(production?.allocated, fromCredits(100))
      assert.strictEqual(production?.remaining, fromCredits(74.5))
      assert.deepStrictEqual(production?.models, ["gpt-4o", "claude-3-5-sonnet-20241022"])
      assert.deepStrictEqual(production?.lastUsedAt, DateTime.unsafeMake("2024-01-02T00:00:00Z"))
      assert.isNull(development?.expiresAt)
      assert.deepStrictEqual(development?.addresses, [])
      assert.deepStrictEqual((yield* using("list-empty", everyCall.list).run).keys, [])
    })
  )

  it.effect("lookup, in both dialects: with the account's id apart and unknown fields kept", () =>
    Effect.gen(function* () {
      for (const call of [everyCall.lookup, everyCall["lookup by path"]]) {
        const held = yield* using("lookup", call).run
        assert.strictEqual(held.userId, "user_abc123")
        assert.deepStrictEqual(held.key.other, { enabled_thinking: true })
        assert.strictEqual(Redacted.value(held.secret), "ek-proxy-1234567890abcdef")
      }
    })
  )

  it.effect("create sends the documented body and records the key that was made", () =>
    Effect.gen(function* () {
      const upstream = answering([answer("create")])
      yield* Effect.gen(function* () {
        const made = yield* everyCall.create
        assert.strictEqual(made.how, "created")
        assert.isNull(made.key.lastUsedAt)
        assert.strictEqual(made.key.used, fromCredits(0))
        const [entry] = yield* Effect.flatMap(Entries, Ref.get)
        assert.deepStrictEqual(entry, {
          intent: { call: "create", keys: [], made: settings },
          outcome: { result: "done", key: target.id }
        })
      }).pipe(Effect.provide(stack(upstream.layer)))
      assert.deepStrictEqual(JSON.parse(upstream.asked[0]?.body ?? ""), {
        name: "Production API Key",
        expires_at: 1_735_689_600,
        allocated_ammount: 100,
        model_whitelist: ["gpt-4o", "claude-3-5-sonnet-20241022"],
        ip_whitelist: ["192.168.1.0/24", "203.0.113.42"]
      })
    })
  )

  it.effect("update says everything: both allow-lists and the limit type go along in both dialects", () =>
    Effect.gen(function* () {
      const body = using("update", everyCall.update)
      const path = using("update", everyCall["update by path"])
      yield* body.run
      yield* path.run
      const sent = {
        name: "Production API Key",
        expires_at: 1_735_689_600,
        allocated_ammount: 100,
        model_whitelist: ["gpt-4o", "claude-3-5-sonnet-20241022"],
        ip_whitelist: ["192.168.1.0/24", "203.0.113.42"],
        limit_type: "monthly"
      }
      assert.deepStrictEqual(JSON.parse(body.asked[0]?.body ?? ""), { ...sent, proxy_key: Redacted.value(secret) })
      assert.deepStrictEqual(JSON.parse(path.asked[0]?.body ?? ""), sent)
      assert.strictEqual(path.asked[0]?.path, "/v1/auth/proxy/update/ek-proxy-1234567890abcdef")
    })
  )

  it.effect("toggle, remove and delete-all", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* using("toggle-disabled", everyCall.toggle).run, "set")
      const enabling = Effect.flatMap(KeyWriter, (it) => it.setActive("static", target, { active: false, want: true }))
      assert.strictEqual(yield* using("toggle-enabled", enabling).run, "set")
      assert.strictEqual(yield* using("remove", everyCall.remove).run, "removed")
      assert.strictEqual(yield* using("remove", everyCall["remove by path"]).run, "removed")
      const all = using("delete-all", everyCall["delete-all"])
      yield* all.run
      assert.deepInclude(all.asked[0], { method: "DELETE", path: "/v1/auth/proxy/delete" })
    })
  )

  it.effect("validate asks with the proxy key alone, and a refusal is a verdict", () =>
    Effect.gen(function* () {
      const granted = using("validate-granted", everyCall.validate)
      assert.deepStrictEqual(yield* granted.run, { valid: true, message: "Access granted" })
      assert.strictEqual(granted.asked[0]?.authorization, "Bearer ek-proxy-1234567890abcdef")
      assert.notInclude(JSON.stringify(granted.asked), masterKey)
      for (const name of ["validate-model", "validate-address", "validate-expired"]) {
        const verdict = yield* using(name, everyCall.validate).run
        assert.isFalse(verdict.valid)
      }
    })
  )

  it.effect("user/me and user/logs: credits exact, keys as ids or nothing", () =>
    Effect.gen(function* () {
      const use = yield* using("user", everyCall.user).run
      assert.strictEqual(use.balance, fromCredits(1250))
      assert.strictEqual(use.inputTokens, 45_230)
      assert.deepStrictEqual(use.history[0], { date: "2024-12-26", requests: 142 })
      const [chat, image] = yield* using("logs", everyCall.logs).run
      assert.isNull(chat?.key)
      assert.strictEqual(chat?.spent, fromCredits(0.001475))
      assert.deepStrictEqual(chat?.at, DateTime.unsafeMake(1_747_802_046_000))
      assert.isNull(image?.inputTokens)
      assert.notInclude(JSON.stringify([chat, image]), "ek-abc")
    })
  )

  it.effect("regeneration hands the new key over as Redacted", () =>
    Effect.gen(function* () {
      const { kept: key } = yield* using("regenerate", everyCall.regenerate).run
      assert.strictEqual(Redacted.value(key), "ek-1234567890abcdef1234567890abcdef")
      assert.notInclude(String(key) + JSON.stringify({ key }), "1234567890")
    })
  )
})

const errors = [
  ["error-envelope", "InvalidRequest", "Description of the error"],
  ["error-envelope-string-code", "InvalidRequest", "Description of the error"],
  ["error-rate-limit-oldest", "RateLimited", "Rate limit exceeded"],
  ["error-rate-limit", "RateLimited", "Rate limit exceeded. Try again in 180 seconds."],
  ["error-address-limit", "Forbidden", "Maximum 3 API keys for IP 203.0.113.42"],
  ["error-balance", "InvalidRequest", "Insufficient balance. Please wait"],
  ["error-allocation-spent", "InvalidRequest", "Exceeded allocated amount for this key."],
  ["error-detail-not-found", "KeyNotFound", "Proxy key not found"],
  ["error-detail-daily-limit", "InvalidRequest", "Allocated ammount cannot exceed your daily limit of 100"],
  ["error-detail-envelope", "Forbidden", "You do not own this key"],
  ["error-validation-list", "InvalidRequest", "Field required"],
  ["error-openapi", "Unauthorized", "Invalid API key"]
] as const

describe("the documented errors", () => {
  for (const [name, tag, words] of errors) {
    it.live(`${name}: ${tag}, with the upstream's words`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(using(name, everyCall.lookup).run)
        assert.strictEqual(error._tag, tag)
        assert.include(error.message, words)
        assert.notMatch(error.message, /[\n\r]/)
      })
    )
  }

  it("every fixture is used here", () => {
    const here = readFileSync(fileURLToPath(import.meta.url), "utf8")
    assert.deepStrictEqual(
      names.filter((name) => !here.includes(`"${name}"`)),
      []
    )
  })
})
