import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { makePlan } from "../src/Plan.ts"
import { parseSettings } from "../src/Settings.ts"
import { factsOf, readingOf } from "./support.ts"
import { confirmed, live, makeWorld } from "./world.ts"

describe("A run and what it reads", () => {
  it.scopedLive("I10: a key that the list does not show is not gone while a record of that list cannot be read", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const [first = ""] = yield* world.names
      const plan = yield* world.planFor({ action: "delete", selector: { keys: [first] } })
      const list = { method: "GET", path: "/auth/proxy" }
      yield* world.emulator.faults([{ match: list, kind: "status", status: 200, body: '[{"key":1}]', times: 9 }])
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(error._tag, "InventoryPartial")
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )

  it("I3: delete-all with a narrower choice beside it is refused, not widened", () => {
    const facts = factsOf(readingOf([{ name: "a" }, { name: "b" }]))
    for (const selector of [{ all: true, names: ["a"] }, { names: ["a"] }, { all: true, keys: ["a"] }]) {
      assert.isTrue(Either.isLeft(makePlan({ action: "delete-all", selector }, facts)))
    }
  })

  it("a blank is no reason: it overrides nothing and documents nothing", () => {
    const settings = Either.getOrThrow(parseSettings("keysweep.yaml", "caps: { count: 1 }"))
    const facts = factsOf(readingOf([{}, { name: "b" }]), "n", settings)
    for (const reason of ["", " \n"]) {
      const planning = Either.getOrThrow(
        makePlan({ action: "disable", selector: { all: true }, override: true, reason }, facts)
      )
      if (planning._tag !== "Plan") throw new Error(planning.detail)
      assert.deepStrictEqual([planning.plan.reason, planning.plan.overridden], [null, []])
    }
  })
})
