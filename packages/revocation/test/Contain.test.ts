import { assert, describe, it } from "@effect/vitest"
import { RunId } from "@keysweep/audit/RunId"
import { fromCredits } from "@keysweep/core/Credit"
import { DateTime, Effect, Either, FastCheck } from "effect"
import { changesOf, givenBack, type Narrowing, narrowed, problemOf, widenings } from "../src/Contain.ts"
import { hashOf, makePlan } from "../src/Plan.ts"
import { factsOf, held, now, readingOf, seconds } from "./support.ts"
import { confirmed, live, makeWorld } from "./world.ts"

const limitType = "monthly" as const
const tight = held(1, {
  ip_whitelist: ["10.0.0.0/8", "2001:db8::/32"],
  model_whitelist: ["a", "b"],
  expires_at: seconds + 1000,
  allocated_ammount: 10
}).key
const open = held(2).key

const some = <A>(...of: ReadonlyArray<A>) => FastCheck.option(FastCheck.constantFrom(...of), { nil: undefined })
const lists = some<ReadonlyArray<string>>(
  ["10.1.0.0/16"],
  ["10.0.0.0/7"],
  ["::ffff:10.2.0.0/112"],
  ["192.0.2.1", "10.0.0.1"]
)

describe("Contain", () => {
  it.prop(
    "what it makes of a key is never wider than the key, in any respect",
    [lists, some(["a"], ["a", "c"], ["b", "a"]), some(1, 1000, 9000), some(1, 10, 11)],
    ([addresses, models, later, budget]) => {
      const to: Narrowing = {
        addresses,
        models,
        expiresAt: later === undefined ? undefined : DateTime.unsafeMake((seconds + later) * 1000),
        allocated: budget === undefined ? undefined : fromCredits(budget),
        limitType
      }
      for (const key of [tight, open]) {
        const result = narrowed(key, to)
        if (Either.isRight(result) && result.right !== null) assert.deepStrictEqual(widenings(key, result.right), [])
      }
    }
  )

  it("refuses wider lists, a later expiry and a larger budget, and says which", () => {
    const reasonOf = (to: Narrowing) =>
      Either.getOrElse(Either.flip(narrowed(tight, { ...to, limitType })), () => "taken")
    assert.include(reasonOf({ addresses: ["10.2.0.0/16", "11.0.0.0/8"] }), "addresses: 11.0.0.0/8 is outside")
    assert.include(reasonOf({ models: ["c"] }), "models: c is outside a, b")
    assert.include(reasonOf({ expiresAt: DateTime.addDuration(now, "1 hour") }), "it expires at")
    assert.include(reasonOf({ allocated: fromCredits(11) }), "its budget is 10")
    assert.strictEqual(reasonOf({ addresses: ["10.2.0.0/16"], models: ["b"] }), "taken")
  })

  it("refuses to guess the limit type, takes what a list shows, and contradicts nothing that it shows", () => {
    const to = { addresses: ["10.2.0.0/16"] }
    assert.match(String(Either.getOrNull(Either.flip(narrowed(tight, to)))), /limit type/)
    const weekly = held(3, { limit_type: "weekly" }).key
    assert.strictEqual(Either.getOrNull(narrowed(weekly, to))?.limitType, "weekly")
    assert.isTrue(Either.isLeft(narrowed(weekly, { ...to, limitType: "daily" })))
  })

  it("nothing to narrow, an empty list, a past expiry, no budget and a host name are no narrowing", () => {
    const past = DateTime.subtractDuration(now, "1 second")
    for (const to of [
      {},
      { addresses: [] },
      { models: [] },
      { expiresAt: past },
      { allocated: fromCredits(0) },
      { addresses: ["example.com"] }
    ])
      assert.isString(problemOf(to, now))
    assert.isNull(problemOf({ models: ["a"] }, now))
  })

  it("gives back what a run took and nothing else, and refuses what somebody has changed since", () => {
    const became = Either.getOrThrow(narrowed(tight, { addresses: ["10.2.0.0/16"], limitType }))
    if (became === null) return assert.fail("nothing was narrowed")
    const taken = { was: tight, became }
    const renamed = held(1, { name: "renamed", ip_whitelist: ["10.2.0.0/16"], model_whitelist: ["z"] }).key
    const back = Either.getOrThrow(givenBack(renamed, taken, now))
    assert.deepStrictEqual([back?.addresses, back?.models], [tight.addresses, ["z"]])
    assert.isNull(Either.getOrThrow(givenBack(tight, taken, now)))
    const changed = givenBack(held(1, { ip_whitelist: ["10.9.0.0/16"] }).key, taken, now)
    assert.include(
      Either.getOrElse(Either.flip(changed), () => ""),
      "made it 10.2.0.0/16, and it is 10.9.0.0/16"
    )
  })

  it("a plan refuses a key of its own that would get wider, does the others, and is done in part", () => {
    const reading = readingOf([{ name: "open" }, { name: "inner", ip_whitelist: ["192.0.2.0/24"] }])
    const narrow = { addresses: ["10.0.0.0/8"], limitType }
    const planning = Either.getOrThrow(
      makePlan({ action: "contain", selector: { all: true }, narrow }, factsOf(reading))
    )
    if (planning._tag !== "Plan") return assert.fail(planning.detail)
    assert.deepStrictEqual(
      planning.plan.keys.map(({ name }) => name),
      ["open"]
    )
    assert.deepStrictEqual(
      planning.plan.refused.map(({ name }) => name),
      ["inner"]
    )
    const none = makePlan({ action: "contain", selector: { keys: ["inner"] }, narrow }, factsOf(reading))
    assert.strictEqual(Either.getOrThrow(Either.flip(none))._tag, "KeysRefused")
    const [key] = planning.plan.keys
    assert.deepStrictEqual(changesOf(key?.settings ?? open, key?.becomes ?? { ...open, limitType }), [
      "addresses: any → 10.0.0.0/8"
    ])
  })
})

const toOffice = { addresses: ["203.0.113.40/30"], models: ["gpt-4o-mini"], limitType }

const settingsIn = (
  keys: ReadonlyArray<{ readonly [field: string]: unknown }>
): { readonly [name: string]: { readonly [field: string]: unknown } } =>
  Object.fromEntries(
    keys.map(({ name, ip_whitelist, model_whitelist, expires_at, allocated_ammount, limit_type, is_active }) => [
      String(name),
      { ip_whitelist, model_whitelist, expires_at, allocated_ammount, limit_type, is_active }
    ])
  )

describe("A contain run", () => {
  const worker = { action: "contain", selector: { keys: ["production-web"] }, narrow: toOffice } as const

  it.scopedLive("narrows exactly what it says, keeps everything else, and undo restores the key exactly", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const before = settingsIn((yield* world.state)?.keys ?? [])
      const plan = yield* world.planFor(worker)
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "done", receipt.stopped ?? "")
      const web = { ...before["production-web"], ip_whitelist: toOffice.addresses, model_whitelist: toOffice.models }
      assert.deepStrictEqual(settingsIn((yield* world.state)?.keys ?? []), { ...before, "production-web": web })
      const tags = (yield* world.events).map((event) => event._tag)
      assert.isBelow(tags.indexOf("BackupTaken"), tags.indexOf("KeyPlanned"))
      assert.isBelow(tags.indexOf("RunStarted"), tags.indexOf("CallIntended"))
      const undo = yield* world.planFor(yield* world.sweep.undo(RunId.make(receipt.run)))
      assert.strictEqual((yield* world.sweep.apply(undo, confirmed(undo))).outcome, "done")
      assert.deepStrictEqual(settingsIn((yield* world.state)?.keys ?? []), before)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I5, I10: a lost reply is settled by reading; a yes that changed nothing is not called done", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const update = { method: "POST", path: "/auth/proxy/update" }
      const body = JSON.stringify({ message: "Proxy key updated" })
      yield* world.emulator.faults([{ match: update, kind: "status", status: 200, body }])
      const ignored = yield* world.planFor(worker)
      assert.strictEqual((yield* world.sweep.apply(ignored, confirmed(ignored))).outcome, "unverified")
      yield* world.emulator.faults([{ match: update, kind: "drop-after" }])
      const plan = yield* world.planFor(worker)
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "I11: a key that was changed since the plan refuses it, and a plan that would widen was not made by Keysweep",
    () =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const plan = yield* world.planFor(worker)
        yield* world.onKey("toggle", "production-web")
        const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
        assert.isTrue(error._tag === "PlanStale" && error.reason === "drift")
        const widened = plan.keys.map((key) => ({ ...key, becomes: { ...key.settings, addresses: [], limitType } }))
        for (const action of ["contain", "release"] as const) {
          const forged = { ...plan, action, keys: widened }
          const wrong = { ...forged, hash: hashOf(forged) }
          const refused = yield* Effect.flip(world.sweep.apply(wrong, confirmed(wrong)))
          assert.isTrue(refused._tag === "PlanStale" && refused.reason === "changed", action)
        }
        assert.notInclude((yield* world.writes).join(), "update")
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("undo does what it can: what somebody deleted or changed since is refused, each with its reason", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const keys = ["staging", "github-ci", "jonas laptop"]
      const plan = yield* world.planFor({
        action: "contain",
        selector: { keys },
        narrow: { ...toOffice, limitType: "daily" }
      })
      const { run } = yield* world.sweep.apply(plan, confirmed(plan))
      yield* world.onKey("remove", "staging")
      const narrow = { addresses: ["203.0.113.41"], limitType: "daily" } as const
      const further = yield* world.planFor({ action: "contain", selector: { keys: ["github-ci"] }, narrow })
      yield* world.sweep.apply(further, confirmed(further))
      const undo = yield* world.planFor(yield* world.sweep.undo(RunId.make(run)))
      const receipt = yield* world.sweep.apply(undo, confirmed(undo))
      assert.strictEqual(receipt.outcome, "partial")
      const told = Object.fromEntries(receipt.keys.map((key) => [key.name, `${key.outcome} ${key.detail}`]))
      assert.include(told["staging"], "blocked it is deleted")
      assert.include(told["staging"], "recreate")
      assert.include(told["github-ci"], "it is 203.0.113.41")
      assert.strictEqual(told["jonas laptop"], "done ")
      const after = settingsIn((yield* world.state)?.keys ?? [])
      assert.deepStrictEqual(after["jonas laptop"]?.ip_whitelist, [])
      assert.deepStrictEqual(after["github-ci"]?.ip_whitelist, ["203.0.113.41"])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "undo of a disabling leaves out a key that is gone, says what is left for it, and enables the others",
    () =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const plan = yield* world.planFor({ action: "disable", selector: { keys: ["staging", "github-ci"] } })
        const { run } = yield* world.sweep.apply(plan, confirmed(plan))
        yield* world.onKey("remove", "staging")
        const undo = yield* world.planFor(yield* world.sweep.undo(RunId.make(run)))
        assert.include(undo.refused[0]?.reason ?? "", "Only recreate is left")
        assert.strictEqual((yield* world.sweep.apply(undo, confirmed(undo))).outcome, "partial")
        yield* world.onKey("remove", "github-ci")
        const error = yield* Effect.flip(
          Effect.flatMap(world.sweep.undo(RunId.make(run)), (undo) => world.sweep.plan({ ...undo, reason: "back" }))
        )
        assert.isTrue(error._tag === "KeysRefused" && error.keys.length === 2)
      }).pipe(Effect.provide(live))
  )
})
