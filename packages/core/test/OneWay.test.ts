import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Redacted, Ref } from "effect"
import { KeyCheck } from "../src/KeyCheck.ts"
import { KeyMaker } from "../src/KeyMaker.ts"
import { KeyWriter } from "../src/KeyWriter.ts"
import { MasterKey } from "../src/MasterKey.ts"
import { type ProxyKeySecret } from "../src/ProxyKey.ts"
import { type Answer, answering, ok } from "./support/Answering.ts"
import { settings, target } from "./support/EveryCall.ts"
import { Entries, masterKey, stack } from "./support/Stack.ts"
import { VirtualTime } from "./support/VirtualTime.ts"

const run = <A, E, R>(answers: ReadonlyArray<Answer>, effect: Effect.Effect<A, E, R>) => {
  const upstream = answering(answers)
  return { upstream, exit: Effect.exit(effect), layer: stack(upstream.layer) }
}

const lockOut: Answer = { status: 429, body: '{"error":{"message":"Rate limit exceeded. Try again in 180 seconds."}}' }
const busy: Answer = { status: 503, body: "{}" }

describe("the master key", () => {
  const regenerate = Effect.flatMap(MasterKey, (it) => it.regenerate(Effect.succeed))

  for (const [what, answer] of [
    ["a 429", lockOut],
    ["a 503", busy],
    ["nonsense", ok({ key: 7 })],
    ["an old key that no header can carry", ok({ key: "ek-\n" })]
  ] as const) {
    it.effect(`is asked for once, also after ${what}`, () =>
      Effect.gen(function* () {
        const { upstream, exit, layer } = run([answer], regenerate)
        assert.strictEqual((yield* Effect.provide(exit, layer))._tag, "Failure")
        assert.deepStrictEqual(
          upstream.asked.map(({ method, path }) => `${method} ${path}`),
          ["GET /v1/auth/key/regen"]
        )
      })
    )
  }

  it.effect.prop(
    "is handed over whatever it looks like: the old one is dead, and a value that is dropped is lost",
    [FastCheck.stringMatching(/^[\x21-\x7e]{1,300}$/)],
    ([value]) =>
      Effect.gen(function* () {
        const upstream = answering([ok({ key: value })])
        const { kept } = yield* Effect.provide(regenerate, stack(upstream.layer))
        assert.strictEqual(Redacted.value(kept), value)
      })
  )

  it.effect("is recorded as done without its value", () =>
    Effect.gen(function* () {
      const upstream = answering([ok({ key: "ek-freshfreshfreshfreshfreshfresh99" })])
      const entries = yield* Effect.provide(
        Effect.zipRight(regenerate, Effect.flatMap(Entries, Ref.get)),
        stack(upstream.layer)
      )
      assert.deepStrictEqual(entries, [{ intent: { call: "regenerate" }, outcome: { result: "done" } }])
    })
  )
})

describe("after a lock-out", () => {
  it("a removal is sent again once the lock-out has ended, and never inside it", async () => {
    const time = new VirtualTime()
    const { upstream, exit, layer } = run(
      [lockOut, ok({ message: "Proxy key deleted" })],
      Effect.flatMap(KeyWriter, (it) => it.remove("static", target))
    )
    const before = await time.run(time.now)
    assert.strictEqual((await time.run(Effect.provide(exit, layer)))._tag, "Success")
    assert.lengthOf(upstream.asked, 2)
    assert.isAtLeast((await time.run(time.now)) - before, 180_000 / 6000)
  })

  it("a flip is decided anew: the key is looked up first, because minutes have passed", async () => {
    const record = {
      key: Redacted.value(target.secret),
      name: "n",
      expires_at: -1,
      allocated_ammount: 1,
      is_active: false
    }
    const { upstream, exit, layer } = run(
      [lockOut, ok(record)],
      Effect.flatMap(KeyWriter, (it) => it.setActive("static", target, { active: true, want: false }))
    )
    assert.strictEqual((await new VirtualTime().run(Effect.provide(exit, layer)))._tag, "Success")
    assert.deepStrictEqual(
      upstream.asked.map(({ path }) => path),
      ["/v1/auth/proxy/toggle", "/v1/auth/proxy/lookup"]
    )
  })
})

describe("what a create leaves in doubt", () => {
  const create = Effect.flatMap(KeyMaker, (it) => it.create(settings, []))
  const listed = (name: string) => ({
    key: `ek-proxy-${name}`,
    name: settings.name,
    expires_at: 1_735_689_600,
    allocated_ammount: 100,
    model_whitelist: ["claude-3-5-sonnet-20241022", "gpt-4o"],
    ip_whitelist: settings.addresses
  })

  for (const [what, list, tag] of [
    ["no such key is listed: the error that left it in doubt", [], "ApiUnavailable"],
    ["one is listed with other settings: not adopted", [{ ...listed("a"), allocated_ammount: 99 }], "ApiUnavailable"],
    ["a used one is listed: not adopted", [{ ...listed("a"), used_ammount: 1 }], "ApiUnavailable"],
    ["two are listed: not chosen between", [listed("a"), listed("b")], "UnexpectedResponse"],
    ["a record is unreadable: not concluded from", [{ key: 1 }], "UnexpectedResponse"]
  ] as const) {
    it(`and ${what}`, async () => {
      const { upstream, layer } = run([busy, ok(list)], create)
      const error = await new VirtualTime().run(Effect.provide(Effect.flip(create), layer))
      assert.strictEqual(error._tag, tag)
      assert.deepStrictEqual(
        upstream.asked.map(({ path }) => path),
        ["/v1/auth/proxy/create", "/v1/auth/proxy"]
      )
    })
  }

  it("and one is listed, its allow-lists in another order: adopted", async () => {
    const { layer } = run([busy, ok([listed("a")])], create)
    const made = await new VirtualTime().run(Effect.provide(create, layer))
    assert.strictEqual(made.how, "adopted")
    assert.strictEqual(Redacted.value(made.secret), "ek-proxy-a")
  })
})

describe("validate", () => {
  it.effect("refuses a key that no header can carry, and sends nothing", () =>
    Effect.gen(function* () {
      for (const text of ["ek-proxy-a\r\nx: y", "ek-proxy-ключ", "", " "]) {
        const secret: ProxyKeySecret = Redacted.make(text)
        const { upstream, layer } = run([], Effect.void)
        const error = yield* Effect.flip(
          Effect.provide(
            Effect.flatMap(KeyCheck, (it) => it.validate(secret)),
            layer
          )
        )
        assert.strictEqual(error._tag, "InvalidRequest")
        assert.deepStrictEqual(upstream.asked, [])
      }
    })
  )

  it.effect("a key that the upstream does not know is the proxy key's fault, not the master key's", () =>
    Effect.gen(function* () {
      const { layer } = run([{ status: 401, body: '{"detail":"Invalid proxy key"}' }], Effect.void)
      const error = yield* Effect.flip(
        Effect.provide(
          Effect.flatMap(KeyCheck, (it) => it.validate(target.secret)),
          layer
        )
      )
      assert.include(error.message, "refused the proxy key")
      assert.notInclude(error.message, masterKey)
    })
  )
})
