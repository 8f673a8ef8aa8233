import { assert, describe, it } from "@effect/vitest"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import { Array as Arr, DateTime, Either, Effect, FastCheck } from "effect"
import { challengeOf, confirm, Confirmation, confirmedByHash, meets } from "../src/Confirmation.ts"
import { matchesName } from "../src/NameGlob.ts"
import { decodePlan, encodePlan, isPlanExpired, makePlan, type Plan, type PlanRequest } from "../src/Plan.ts"
import { driftOf } from "../src/PlanDrift.ts"
import { type ConfirmationRefused } from "../src/PlanError.ts"
import { Settings } from "../src/Settings.ts"
import { account, factsOf, held, now, readingOf, type WireKey } from "./support.ts"

const planOf = (wires: ReadonlyArray<WireKey>, request: PlanRequest, nonce = "nonce"): Plan => {
  const planning = Either.getOrThrow(makePlan(request, factsOf(readingOf(wires), nonce)))
  if (planning._tag !== "Plan") throw new Error(planning.detail)
  return planning.plan
}
const two: ReadonlyArray<WireKey> = [{ name: "b" }, { name: "a" }]
const deleteAll: PlanRequest = { action: "delete", selector: { all: true }, reason: "a test" }

const empty = readingOf([])
/** Each is decoded and hashed once, however many plans it is in. */
const pool = new Map<string, ProxyKey>()
const named = (name: string, active: boolean): ProxyKey => {
  const known = pool.get(`${name} ${active}`)
  if (known !== undefined) return known
  const { key } = held(0, { name, key: `ek-proxy-${name}0123456789`, is_active: active })
  pool.set(`${name} ${active}`, key)
  return key
}

describe("Plan", () => {
  it("names exact keys, in an order that does not depend on the upstream's", () => {
    const plan = planOf(two, deleteAll)
    assert.deepStrictEqual(
      plan.keys.map(({ name }) => name),
      ["a", "b"]
    )
    assert.strictEqual(plan.requests, 4)
    assert.strictEqual(plan.creditExpected, 12_000_000)
  })

  it("has the same digest from every surface, and a hash of its own each time", () => {
    const one = planOf(two, deleteAll, "1")
    const other = planOf(two, { ...deleteAll, reason: "leaver" }, "2")
    assert.strictEqual(one.digest, other.digest)
    assert.notStrictEqual(one.hash, other.hash)
  })

  it.prop(
    "I12: the same facts give the same plan, byte by byte, in whatever order the keys are listed; what is protected is skipped",
    [
      FastCheck.uniqueArray(FastCheck.stringMatching(/^[abc]{1,3}$/), { minLength: 1, maxLength: 6 }),
      FastCheck.array(FastCheck.constantFrom("a*", "b?", "*c", "{ab,cc}"), { maxLength: 3 }),
      FastCheck.constantFrom("disable" as const, "delete" as const, "delete-all" as const)
    ],
    ([names, globs, action]) => {
      const settings = { ...Settings.none, protected: globs.map((name) => ({ name })) }
      const keys = names.map((name, at) => named(name, at % 3 !== 0))
      const made = (nonce: string, order: typeof keys) => {
        const reading = { ...empty, listing: { ...empty.listing, keys: order } }
        return Either.getOrThrow(makePlan({ action, selector: { all: true } }, factsOf(reading, nonce, settings)))
      }
      const [dry, real] = [made("1", keys), made("2", Arr.reverse(keys))]
      const bytes = (it: typeof dry) =>
        it._tag === "Plan" ? JSON.stringify({ ...encodePlan(it.plan), nonce: "", hash: "" }) : it.detail
      assert.strictEqual(bytes(real), bytes(dry))
      if (dry._tag !== "Plan") return
      assert.strictEqual(dry.plan.keys.length + dry.plan.skipped.length, names.length)
      assert.isFalse(dry.plan.keys.some(({ name }) => globs.some((glob) => matchesName(glob, name))))
    },
    { fastCheck: { numRuns: 1000 } }
  )

  it("survives a file, and refuses one that was changed by a single character", () => {
    const plan = planOf(two, deleteAll)
    const text = JSON.stringify(encodePlan(plan), null, 2)
    assert.deepStrictEqual(
      Either.map(decodePlan(text), (it) => it.hash),
      Either.right(plan.hash)
    )
    for (const [from, to] of [
      ['"a"', '"c"'],
      ['"delete"', '"disable"'],
      [account.slice(0, 9), "acct_aaaa"],
      ['"nonce"', '"nonces"']
    ] as const) {
      assert.isTrue(Either.isLeft(decodePlan(text.replace(from, to))), `${from} → ${to}`)
    }
    assert.isTrue(Either.isLeft(decodePlan(text.slice(0, -3))))
  })

  it("I8: holds no secret, not even one that a key is named after", () => {
    const plan = planOf([{ name: "ek-proxy-0123456789abcdef", note: "ek-0123456789abcdef" }], deleteAll)
    assert.notInclude(JSON.stringify(encodePlan(plan)), "ek-")
  })

  it("a partial inventory allows keys named one by one and nothing else", () => {
    const reading = readingOf(two, 1)
    assert.isTrue(Either.isLeft(makePlan(deleteAll, factsOf(reading))))
    assert.isTrue(Either.isLeft(makePlan({ action: "disable", selector: { names: ["a*"] } }, factsOf(reading))))
    assert.isTrue(Either.isRight(makePlan({ action: "disable", selector: { keys: ["a"] } }, factsOf(reading))))
  })

  it("leaves out keys that are as wanted already, and is nothing when all are", () => {
    const wires = [{ name: "off", is_active: false }, { name: "on" }]
    const plan = planOf(wires, { action: "disable", selector: { all: true } })
    assert.deepStrictEqual(
      plan.keys.map(({ name }) => name),
      ["on"]
    )
    assert.deepStrictEqual(
      plan.skipped.map(({ name }) => name),
      ["off"]
    )
    const nothing = makePlan({ action: "enable", selector: { keys: ["on"] } }, factsOf(readingOf(wires)))
    assert.strictEqual(Either.getOrThrow(nothing)._tag, "Nothing")
  })

  it("I2: delete-all is one request only where it saves some; every key of the account is in it", () => {
    const request: PlanRequest = { action: "delete-all" }
    assert.strictEqual(planOf(two, request).method, "each")
    const plan = planOf([...two, {}, {}], request)
    assert.strictEqual(plan.method, "bulk")
    assert.strictEqual(plan.keys.length, 4)
  })

  it("I11: expires 24 hours after it was made", () => {
    const plan = planOf(two, deleteAll)
    assert.isFalse(isPlanExpired(plan, DateTime.add(now, { hours: 23, minutes: 59 })))
    assert.isTrue(isPlanExpired(plan, DateTime.add(now, { hours: 24 })))
  })

  it("I11: a change of any setting is drift, named by its field; use is not", () => {
    const changes: ReadonlyArray<readonly [string, WireKey]> = [
      ["name", { name: "other" }],
      ["active", { is_active: false }],
      ["expiry", { expires_at: 2_000_000_000 }],
      ["allocation", { allocated_ammount: 11 }],
      ["models", { model_whitelist: ["gpt-4o"] }],
      ["addresses", { ip_whitelist: ["10.0.0.0/8"] }]
    ]
    const [planned] = planOf([{}], deleteAll).keys
    assert.isDefined(planned)
    if (planned === undefined) return
    for (const [field, change] of changes) {
      const drift = driftOf(planned, held(0, change).key)
      assert.strictEqual(drift.length, 1, field)
      assert.isTrue(drift[0]?.startsWith(field), field)
    }
    assert.deepStrictEqual(driftOf(planned, held(0, { used_ammount: 9, last_used: 5 }).key), [])
    assert.deepStrictEqual(driftOf(planned, held(0, { limit_type: "weekly" }).key).length, 1)
  })

  it("the order of an allow-list is no drift", () => {
    const [planned] = planOf([{ model_whitelist: ["a", "b"] }], deleteAll).keys
    assert.isDefined(planned)
    if (planned !== undefined)
      assert.deepStrictEqual(driftOf(planned, held(0, { model_whitelist: ["b", "a"] }).key), [])
  })
})

describe("Confirmation", () => {
  const plan = planOf(two, deleteAll)
  const phrase = `delete 2 ${account}`

  it("what cannot be taken back asks for a phrase that names count and account", () => {
    assert.deepStrictEqual(challengeOf(plan), { kind: "phrase", phrase })
    assert.strictEqual(challengeOf(planOf(two, { action: "disable", selector: { all: true } })).kind, "yes-no")
  })

  it.prop("no other text confirms a deletion", [FastCheck.string()], ([text]) => {
    assert.strictEqual(meets(challengeOf(plan), text), text.trim() === phrase)
  })

  const answering = (answers: ReadonlyArray<string>) => {
    let asked = 0
    return {
      asked: () => asked,
      layer: { ask: () => Effect.sync(() => answers[asked++] ?? "") }
    }
  }

  it.effect("three misses end it", () =>
    Effect.gen(function* () {
      const surface = answering(["yes", "delete 3", phrase.toUpperCase(), phrase])
      const error: ConfirmationRefused = yield* Effect.flip(
        confirm(plan).pipe(Effect.provideService(Confirmation, surface.layer))
      )
      assert.strictEqual(error.reason, "three misses")
      assert.strictEqual(surface.asked(), 3)
    })
  )

  it.effect("the phrase confirms this plan, on the third attempt too", () =>
    Effect.gen(function* () {
      const surface = answering(["", "delete", ` ${phrase}\n`])
      const confirmed = yield* confirm(plan).pipe(Effect.provideService(Confirmation, surface.layer))
      assert.deepStrictEqual(confirmed, { plan: plan.hash, how: "typed" })
    })
  )

  it.effect("I11: only a plan's own hash confirms it", () =>
    Effect.gen(function* () {
      const other = planOf(two, deleteAll, "other")
      assert.strictEqual((yield* Effect.flip(confirmedByHash(plan, other.hash))).reason, "wrong hash")
      assert.strictEqual((yield* Effect.flip(confirmedByHash(plan, plan.hash.slice(0, 12)))).reason, "wrong hash")
      assert.strictEqual((yield* confirmedByHash(plan, plan.hash)).how, "hash")
    })
  )
})
