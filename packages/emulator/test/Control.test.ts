import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { StateDocument } from "@keysweep/emulator/AccountState"
import { Emulator } from "@keysweep/emulator/Emulator"
import { startEmulator } from "@keysweep/emulator/StartEmulator"
import { account, ask, control, keyAt, oneKey, only } from "./support.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "emulator-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)
const read = (path: string) => Schema.decodeUnknownSync(Schema.parseJson(StateDocument))(readFileSync(path, "utf8"))

describe("control routes", () => {
  it.scopedLive("state gives accounts and keys, is not recorded, needs no key and is outside the rate limit", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: oneKey(), rpm: 1 })
      const replies = yield* Effect.replicateEffect(control(emulator, "GET", "state"), 5)
      assert.deepStrictEqual(new Set(replies.map(({ status }) => status)), new Set([200]))
      assert.deepStrictEqual(yield* emulator.requests, [])
      assert.nestedPropertyVal(replies[0]?.json, "accounts[0].keys[0].key", only)
      assert.nestedPropertyVal(replies[0]?.json, "accounts[0].balance", 100)
      assert.notProperty(replies[0]?.headers, "x-ratelimit-limit")
    })
  )

  it.scopedLive("what state gives is a seed: a second emulator from it is the same", () =>
    Effect.gen(function* () {
      const first = yield* Emulator.start()
      yield* ask(first, "POST", "/v1/chat/completions", {
        key: (yield* keyAt(first, "staging")).key,
        body: { model: "gpt-4o-mini", messages: [] }
      })
      const state = yield* first.state
      const second = yield* Emulator.start({ seed: state })
      assert.strictEqual(Redacted.value(second.apiKey), Redacted.value(first.apiKey))
      assert.deepStrictEqual((yield* second.state).accounts, state.accounts)
    })
  )

  it.scopedLive("reset goes back to the seed, and forgets requests, faults, clock and cooldown", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ rpm: 1 })
      const before = yield* account(emulator)
      yield* ask(emulator, "DELETE", "/v1/auth/proxy")
      yield* ask(emulator, "DELETE", "/v1/auth/proxy")
      yield* emulator.advance(1_000_000_000)
      yield* emulator.faults([{ kind: "status" }])
      assert.strictEqual((yield* control(emulator, "POST", "reset")).status, 200)
      assert.deepStrictEqual(yield* account(emulator), before)
      assert.deepStrictEqual(yield* emulator.requests, [])
      assert.strictEqual((yield* ask(emulator, "GET", "/v1/auth/proxy")).status, 200)
    })
  )

  it.scopedLive("clock moves time: a key expires", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start()
      const { key } = yield* keyAt(emulator, "staging")
      const validate = ask(emulator, "POST", "/v1/auth/proxy/validate", { key })
      assert.deepNestedInclude((yield* validate).json, { valid: true })
      assert.strictEqual((yield* control(emulator, "POST", "clock", { advanceMs: 61 * 86_400_000 })).status, 200)
      assert.deepNestedInclude((yield* validate).json, { valid: false, message: "Proxy key has expired" })
      assert.strictEqual((yield* control(emulator, "POST", "clock", { advanceMs: "x" })).status, 400)
    })
  )

  it.scopedLive("switches change at run time; one that is none is refused", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start()
      assert.strictEqual((yield* control(emulator, "POST", "switches", { rpm: 7, errorBody: "html" })).status, 200)
      const reply = yield* ask(emulator, "GET", "/v1/auth/proxy/ek-proxy-x")
      assert.strictEqual(reply.headers["x-ratelimit-limit"], "7")
      assert.include(reply.headers["content-type"], "text/html")
      assert.strictEqual((yield* control(emulator, "POST", "switches", { rpm: 0 })).status, 400)
      assert.strictEqual((yield* control(emulator, "GET", "nothing")).status, 404)
    })
  )
})

describe("seeds", () => {
  it.scopedLive("demo has a dozen keys with names of at most 25 characters, and every state that a key can be in", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.start({ seed: "demo" })
      const { keys } = yield* account(emulator)
      const now = Date.now() / 1000
      assert.strictEqual(keys.length, 12)
      assert.strictEqual(new Set(keys.map(({ name }) => name)).size, 12)
      assert.isTrue(keys.every(({ name }) => [...name].length <= 25))
      assert.isTrue(keys.some((key) => !key.is_active))
      assert.isTrue(keys.some((key) => key.expires_at !== -1 && key.expires_at < now))
      assert.isTrue(keys.some((key) => key.used_ammount >= key.allocated_ammount))
      assert.isTrue(keys.some((key) => key.last_used === null))
      assert.isTrue(
        keys.some((key) => key.model_whitelist.length === 0 && key.ip_whitelist.length === 0 && key.expires_at === -1)
      )
    })
  )

  it.scopedLive("secrets differ from start to start, and are the same for the same seed secret", () =>
    Effect.gen(function* () {
      const secrets = (seedSecret?: string) =>
        Effect.gen(function* () {
          const emulator = yield* Emulator.start({ seedSecret })
          yield* ask(emulator, "POST", "/v1/auth/proxy/create", {
            body: { name: "n", expires_at: -1, allocated_ammount: 1 }
          })
          const { apiKey, keys } = yield* account(emulator)
          return [apiKey, ...keys.map(({ key }) => key)]
        })
      assert.notDeepEqual(yield* secrets(), yield* secrets())
      assert.deepStrictEqual(yield* secrets("x"), yield* secrets("x"))
      assert.match((yield* secrets())[0] ?? "", /^ek-[0-9a-f]{32}$/)
    })
  )

  it.scopedLive("a given master key, plan and number of foreign keys hold for every seed", () =>
    Effect.gen(function* () {
      for (const seed of ["demo", "empty", oneKey()] as const) {
        const emulator = yield* Emulator.start({ seed, apiKey: "ek-given", plan: "plus" })
        assert.strictEqual(Redacted.value(emulator.apiKey), "ek-given")
        assert.deepNestedInclude((yield* ask(emulator, "GET", "/v1/user/me")).json, { subscription: "plus" })
      }
      const { accounts } = yield* (yield* Emulator.start({ seed: "empty", foreignKeys: 3 })).state
      assert.deepStrictEqual(
        accounts.map(({ keys }) => keys.length),
        [0, 3]
      )
    })
  )
})

describe("a data file", () => {
  it.scopedLive("keeps the state over a restart, is readable by its owner alone, and goes before the seed", () =>
    Effect.gen(function* () {
      const data = join(yield* folder, "state.json")
      const [apiKey, keys] = yield* Effect.scoped(
        Effect.gen(function* () {
          const emulator = yield* Emulator.start({ data })
          const { key } = yield* keyAt(emulator, 0)
          yield* ask(emulator, "POST", "/v1/auth/proxy/remove", { body: { proxy_key: key } })
          assert.deepStrictEqual(read(data).accounts, (yield* emulator.state).accounts)
          return [Redacted.value(emulator.apiKey), (yield* account(emulator)).keys] as const
        })
      )
      assert.strictEqual(statSync(data).mode & 0o777, 0o600)
      const again = yield* Emulator.start({ data })
      assert.strictEqual(Redacted.value(again.apiKey), apiKey)
      assert.deepStrictEqual((yield* account(again)).keys, keys)
      yield* control(again, "POST", "reset")
      assert.strictEqual((yield* account(again)).keys.length, 12)
      assert.strictEqual((yield* ask(again, "GET", "/v1/auth/proxy")).status, 200, "the key still works")
    })
  )

  it.scopedLive("that is no state document stops the start, and its content is not shown", () =>
    Effect.gen(function* () {
      const data = join(yield* folder, "state.json")
      writeFileSync(
        data,
        JSON.stringify({ accounts: [{ apiKey: "ek-secret", keys: [{ name: 5, key: "ek-proxy-secret" }] }] })
      )
      const error = yield* Effect.flip(Emulator.start({ data }))
      assert.include(error.message, "accounts.0.keys.0.name")
      assert.notInclude(error.message, "secret")
    })
  )

  it.scopedLive("that cannot be written is said instead of a success", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "gone")
      mkdirSync(path)
      const emulator = yield* Emulator.start({ data: join(path, "state.json") })
      rmSync(path, { recursive: true })
      assert.strictEqual((yield* ask(emulator, "DELETE", "/v1/auth/proxy")).status, 500)
    })
  )
})

describe("starting", () => {
  it.scopedLive("refuses every address that is not loopback, and a port in use", () =>
    Effect.gen(function* () {
      for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org"]) {
        assert.include((yield* Effect.flip(Emulator.start({ host }))).message, "loopback")
      }
      const { port } = yield* Emulator.start()
      assert.include((yield* Effect.flip(Emulator.start({ port }))).message, "Cannot listen")
    })
  )

  it.scopedLive("the end of the scope cuts open requests and frees the port at once", () =>
    Effect.gen(function* () {
      const { hanging, port } = yield* Effect.scoped(
        Effect.gen(function* () {
          const emulator = yield* Emulator.start({ faults: [{ kind: "hang" }] })
          const hanging = yield* Effect.fork(Effect.either(ask(emulator, "GET", "/v1/auth/proxy")))
          yield* Effect.repeat(Effect.delay(emulator.requests, "5 millis"), { until: (seen) => seen.length === 1 })
          return { hanging, port: emulator.port }
        })
      )
      assert.strictEqual((yield* hanging)._tag, "Left")
      assert.strictEqual((yield* Emulator.start({ port })).port, port)
    })
  )

  it.scopedLive("startEmulator is the same for people without Effect", () =>
    Effect.gen(function* () {
      const emulator = yield* Effect.promise(() => startEmulator({ seed: oneKey() }))
      const fetched = yield* Effect.promise(() =>
        fetch(`${emulator.url}/auth/proxy`, { headers: { authorization: `Bearer ${emulator.apiKey}` } }).then((it) =>
          it.json()
        )
      )
      assert.nestedPropertyVal(fetched, "[0].key", only)
      yield* Effect.promise(() => emulator.close())
      const after = yield* Effect.either(Effect.tryPromise(() => fetch(`${emulator.control}/state`)))
      assert.strictEqual(after._tag, "Left")
    })
  )
})
