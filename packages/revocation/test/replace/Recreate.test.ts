import { assert, describe, it } from "@effect/vitest"
import { digestOf } from "@keysweep/core/Canonical"
import { fromCredits } from "@keysweep/core/Credit"
import { Clock, Effect } from "effect"
import { encodeReplacePlan, replaceFlawOf } from "../../src/replace/ReplacePlan.ts"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

const all = { action: "recreate", selector: { all: true }, reason: "a test" } as const

/** Keys of these settings, deleted by a run: what a recreation finds in the log, and in the backup of that run. */
const deleted = (count: number, more: object = {}) =>
  Effect.gen(function* () {
    const world = yield* makeReplaceWorld({ emulator: { seed: "empty", plan: "free" } })
    for (let n = 0; n < count; n++) {
      yield* world.post("auth/proxy/create", {
        name: `app-${n}`,
        expires_at: -1,
        allocated_ammount: 3,
        ip_whitelist: ["192.0.2.0/24"],
        model_whitelist: ["a"],
        ...more
      })
    }
    const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
    const receipt = yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })
    assert.strictEqual(receipt.outcome, "done")
    return { world, plan, receipt }
  })

describe("Recreate", () => {
  it.scopedLive("brings settings back under new values, in their sink, and says which key is which", () =>
    Effect.gen(function* () {
      const { plan: deletion, receipt: gone, world } = yield* deleted(2)
      const { plan, receipt } = yield* world.carryOut({ ...all, from: { backup: gone.backup } })
      assert.strictEqual(plan.values.notice, "new values; every application must be updated")
      assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
      const keys = yield* world.keys
      const stored = yield* world.stored
      assert.deepStrictEqual(
        keys.map(({ allocated_ammount, ip_whitelist, key, model_whitelist, name }) => ({
          name,
          allocated_ammount,
          ip_whitelist,
          model_whitelist,
          stored: stored[String(name).replace("-", "_").toUpperCase()] === key
        })),
        [0, 1].map((n) => ({
          name: `app-${n}`,
          allocated_ammount: 3,
          ip_whitelist: ["192.0.2.0/24"],
          model_whitelist: ["a"],
          stored: true
        }))
      )
      const created = (yield* world.events).flatMap((event) => (event._tag === "KeyCreated" ? [event.old] : []))
      assert.deepStrictEqual(
        created,
        deletion.keys.map(({ id }) => id)
      )
      const again = yield* Effect.flatMap(world.replacements, (it) =>
        it.plan({ ...all, sinks: [sinkOf("dotenv:/nowhere/.env")] })
      )
      assert.deepStrictEqual(again._tag === "Nothing" && /replaced already/.test(again.detail), true)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I11: two plans for one key make one new key", () =>
    Effect.gen(function* () {
      const { world } = yield* deleted(1)
      const it = yield* world.replacements
      const [one, other] = yield* Effect.all(
        [0, 1].map(() => it.plan({ ...all, sinks: [sinkOf(`dotenv:${world.env}`)] }))
      )
      if (one?._tag !== "Plan" || other?._tag !== "Plan") return yield* Effect.dieMessage("no plan")
      const first = yield* it.apply(one.plan, { plan: one.plan.hash, how: "hash" })
      assert.strictEqual(first.outcome, "done")
      const refused = yield* Effect.flip(it.apply(other.plan, { plan: other.plan.hash, how: "hash" }))
      assert.strictEqual(refused._tag, "PlanStale")
      assert.lengthOf(yield* world.keys, 1)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a plan that says it needs less credit than its keys do is refused, however well it is hashed", () =>
    Effect.gen(function* () {
      const { world } = yield* deleted(1)
      const it = yield* world.replacements
      const planning = yield* it.plan({ ...all, sinks: [sinkOf(`dotenv:${world.env}`)] })
      if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
      const { plan } = planning
      const forged = { ...plan, values: { ...plan.values, needs: fromCredits(1) } }
      const refused = yield* Effect.flip(it.apply(forged, { plan: forged.hash, how: "hash" }))
      assert.strictEqual(refused._tag, "PlanStale")
      const { hash: _, ...content } = encodeReplacePlan(forged)
      const flaw = replaceFlawOf({ ...forged, hash: digestOf(content) })
      assert.match(flaw?.message ?? "", /need other credit than it says/)
      assert.lengthOf(yield* world.keys, 0)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("C35: nine of ten keys used and three to recreate: refused up front", () =>
    Effect.gen(function* () {
      const { world } = yield* deleted(3)
      for (let n = 0; n < 9; n++) yield* world.create(`other-${n}`)
      const made = (yield* world.writes).length
      const refused = yield* Effect.flip(world.carryOut({ ...all }))
      assert.match(refused.message, /key room: 9 of 10 keys are used, and 3 more are wanted/)
      assert.lengthOf(yield* world.writes, made)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("C35: lost replies leave no extra key, and two keys with equal settings are told apart", () =>
    Effect.gen(function* () {
      const { plan, world } = yield* deleted(2, { name: "twin" })
      const create = { method: "POST", path: "/auth/proxy/create" }
      yield* world.emulator.faults([{ match: create, kind: "drop-after", times: 2 }])
      const script = `require("fs").appendFileSync(process.argv[1], require("fs").readFileSync(0) + "\\n")`
      const sink = sinkOf(`command:${JSON.stringify([process.execPath, "-e", script, `${world.home}/values`])}`)
      const it = yield* world.replacements
      const results = []
      for (const { id } of plan.keys) {
        const planning = yield* it.plan({ ...all, selector: { keys: [id] }, sinks: [sink] })
        if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
        results.push(yield* it.apply(planning.plan, { plan: planning.plan.hash, how: "hash" }))
      }
      assert.deepStrictEqual(
        results.map(({ outcome }) => outcome),
        ["done", "done"],
        JSON.stringify(results)
      )
      const keys = yield* world.keys
      assert.lengthOf(keys, 2)
      const values = (yield* world.fs.readFileString(`${world.home}/values`)).trim().split("\n")
      assert.deepStrictEqual(
        values,
        keys.map(({ key }) => String(key))
      )
      assert.lengthOf(new Set(results.flatMap((receipt) => receipt.keys.map(({ replacement }) => replacement))), 2)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a disabled key is disabled again before anybody has its value; an expired one is left out", () =>
    Effect.gen(function* () {
      const world = yield* makeReplaceWorld({ emulator: { seed: "empty", plan: "free" } })
      yield* world.create("off")
      yield* world.onKey("toggle", "off")
      const soon = Math.floor((yield* Clock.currentTimeMillis) / 1000) + 3600
      yield* world.post("auth/proxy/create", { name: "short", expires_at: soon, allocated_ammount: 1 })
      const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
      yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })
      const { receipt } = yield* world.carryOut({ ...all, selector: { keys: ["off"] } })
      assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
      assert.deepStrictEqual(
        (yield* world.keys).map((key) => key.is_active),
        [false]
      )
      const tags = (yield* world.events).map((event) =>
        event._tag === "CallIntended" ? event.intent.call : event._tag
      )
      assert.isBelow(tags.lastIndexOf("toggle"), tags.indexOf("ValueDelivered"))
      assert.notInclude(tags, "KeyValidated")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I11: a plan of one account is refused on another, and a plan runs once", () =>
    Effect.gen(function* () {
      const { world } = yield* deleted(1)
      const other = yield* makeReplaceWorld()
      const it = yield* world.replacements
      const planning = yield* it.plan({ ...all, sinks: [sinkOf(`dotenv:${world.env}`)] })
      if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
      const { plan } = planning
      const yes = { plan: plan.hash, how: "hash" } as const
      const there = yield* Effect.flip(Effect.flatMap(other.replacements, (them) => them.apply(plan, yes)))
      assert.match(there.message, /nothing was changed/)
      assert.strictEqual((yield* it.apply(plan, yes)).outcome, "done")
      assert.match((yield* Effect.flip(it.apply(plan, yes))).message, /applied already/)
      const forged = { ...plan, keys: [] }
      assert.match((yield* Effect.flip(it.apply(forged, yes))).message, /changed after it was made/)
    }).pipe(Effect.provide(live))
  )
})
