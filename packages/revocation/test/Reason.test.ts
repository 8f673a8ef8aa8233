import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Ref } from "effect"
import { encodePlan, decodePlan, hashOf } from "../src/Plan.ts"
import { askReason } from "../src/Reason.ts"
import { makeReplaceWorld, sinkOf } from "./replace/world.ts"
import { confirmed, live } from "./world.ts"

describe("The reason", () => {
  it.scopedLive("is part of every plan: without one, or with a blank, nothing is even read", () =>
    Effect.gen(function* () {
      const { emulator, home, planFor, replacements, sweep } = yield* makeReplaceWorld()
      const rotation = { action: "rotate", selector: { all: true }, sinks: [sinkOf(`dotenv:${home}/.env`)] } as const
      const its = yield* replacements
      for (const reason of [undefined, null, "", " \n"]) {
        const why = reason === undefined ? {} : { reason }
        const request = { action: "disable", selector: { all: true }, override: true, ...why } as const
        const ways = [
          Effect.asVoid(sweep.plan(request)),
          Effect.asVoid(sweep.carryOut(request)),
          Effect.asVoid(its.plan({ ...rotation, ...why }))
        ]
        for (const way of ways) assert.strictEqual((yield* Effect.flip(way))._tag, "ReasonMissing")
      }
      assert.deepStrictEqual(yield* emulator.requests, [])

      const { hash: _, ...plan } = yield* planFor({ action: "disable", selector: { all: true } })
      const silent = { ...plan, reason: null }
      const forged = { hash: hashOf(silent), ...silent }
      const before = yield* emulator.requests
      const stale = yield* Effect.flip(sweep.apply(forged, confirmed(forged)))
      assert.include(stale.message, "does not say why")
      assert.isTrue(Either.isLeft(decodePlan(JSON.stringify(encodePlan(forged)))))
      assert.deepStrictEqual(yield* emulator.requests, before)
    }).pipe(Effect.provide(live))
  )

  it.effect("is asked for until there is one; three misses end it", () =>
    Effect.gen(function* () {
      const answers = (...given: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          const asked = yield* Ref.make(0)
          const ended = yield* Effect.either(
            askReason(({ number }) => Effect.as(Ref.set(asked, number), given[number - 1] ?? ""))
          )
          return [yield* Ref.get(asked), Either.getOrElse(ended, (error) => error.message)] as const
        })
      assert.deepStrictEqual(yield* answers("left the team"), [1, "left the team"])
      assert.deepStrictEqual(yield* answers("", "  ", " moved "), [3, "moved"])
      assert.deepStrictEqual(yield* answers(), [3, "No reason was given in 3 attempts; nothing was changed."])
    })
  )
})
