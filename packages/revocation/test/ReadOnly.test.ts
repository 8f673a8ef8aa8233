import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Stream } from "effect"
import { Action } from "../src/Action.ts"
import { observe } from "../src/Observe.ts"
import type { PlanRequest } from "../src/Plan.ts"
import { parseSettings } from "../src/Settings.ts"
import { live, makeWorld } from "./world.ts"

const settings = Either.getOrThrow(parseSettings("keysweep.yaml", "protected: [{ name: 'production-*' }]"))

describe("Looking and planning", () => {
  it.scopedLive("send nothing that could change anything, whatever is planned", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ settings })
      yield* world.sweep.inventory
      yield* world.sweep.show("staging")
      yield* Stream.runDrain(observe(world.sweep.inventory, { every: "10 millis", during: "30 millis" }))
      for (const action of Action.literals) {
        const request: PlanRequest = {
          action,
          selector: { all: true },
          reason: "to see what would be done",
          override: true,
          ...(action === "contain" ? { narrow: { models: ["gpt-4o-mini"], limitType: "monthly" } } : {})
        }
        const planned = yield* Effect.either(world.sweep.plan(request))
        // Only an undo asks for a release.
        assert.isTrue(Either.isRight(planned) || action === "release", JSON.stringify(planned))
      }
      assert.deepStrictEqual(yield* world.writes, [])
      const { length } = yield* world.emulator.requests
      assert.isAbove(length, Action.literals.length)
    }).pipe(Effect.provide(live))
  )
})
