import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { decodePlan, encodePlan, hashOf, type Plan } from "../src/Plan.ts"
import { parseSettings } from "../src/Settings.ts"
import { confirmed, live, makeWorld } from "./world.ts"

/** What anybody can write: another plan, with a hash that fits it. */
const forged = (plan: Plan, changes: Partial<Plan>): Plan => {
  const other = { ...plan, ...changes }
  return { ...other, hash: hashOf(other) }
}

describe("A plan document that Keysweep did not make", () => {
  it.scopedLive("I2: a disabling that says it is one request is refused: that request deletes every key", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const all = yield* world.planFor({ action: "delete-all" })
      const plan = forged(all, { action: "disable" })
      assert.isTrue(Either.isLeft(decodePlan(JSON.stringify(encodePlan(plan)))))
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.isTrue(error._tag === "PlanStale" && error.reason === "changed")
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "I2: a plan that names a key twice, or whose hash does not fit, is refused before anything is sent",
    () =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const [first = ""] = yield* world.names
        const plan = yield* world.planFor({ action: "delete", selector: { keys: [first] } })
        for (const wrong of [forged(plan, { keys: [...plan.keys, ...plan.keys] }), { ...plan, reason: "another" }]) {
          const error = yield* Effect.flip(world.sweep.apply(wrong, confirmed(wrong)))
          assert.isTrue(error._tag === "PlanStale" && error.reason === "changed")
        }
        assert.deepStrictEqual(yield* world.writes, [])
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("I12: another name in the plan does not take a key out of its protection", () =>
    Effect.gen(function* () {
      const settings = Either.getOrThrow(parseSettings("keysweep.yaml", "protected: [{ name: production-web }]"))
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete", selector: { keys: ["production-web"] } })
      const renamed = forged(plan, { keys: plan.keys.map((key) => ({ ...key, name: "old-test-key" })) })
      const guarded = yield* world.sweepFor("os:ada", settings)
      const receipt = yield* guarded.apply(renamed, confirmed(renamed))
      assert.deepStrictEqual(
        receipt.keys.map(({ outcome }) => outcome),
        ["skipped"]
      )
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a check that it calls overridden, without a reason, is not: nothing is done", () =>
    Effect.gen(function* () {
      const settings = Either.getOrThrow(parseSettings("keysweep.yaml", "caps: { count: 1 }"))
      const world = yield* makeWorld({ settings })
      const plan = yield* world.planFor({ action: "disable", selector: { all: true } })
      const lifted = forged(plan, { overridden: ["cap"], reason: null })
      const error = yield* Effect.flip(world.sweep.apply(lifted, confirmed(lifted)))
      assert.isTrue(error._tag === "PlanStale" && error.message.includes("does not say why"))
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )
})
