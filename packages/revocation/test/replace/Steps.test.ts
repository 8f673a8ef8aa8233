import { assert, describe, it } from "@effect/vitest"
import { Effect, Ref } from "effect"
import type { ProgressEvent } from "../../src/Progress.ts"
import { live } from "../world.ts"
import { makeReplaceWorld } from "./world.ts"

describe("the progress of a replacement", () => {
  it.scopedLive("has every key from the start, and each step of each as it begins", () =>
    Effect.gen(function* () {
      const events = yield* Ref.make<ReadonlyArray<ProgressEvent>>([])
      const world = yield* makeReplaceWorld({
        emulator: { seed: "empty" },
        onProgress: (event) => Ref.update(events, (all) => [...all, event])
      })
      for (const name of ["app-0", "app-1"]) yield* world.create(name)
      const { receipt } = yield* world.carryOut({ action: "rotate", selector: { all: true } })
      assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
      const told = (yield* Ref.get(events)).flatMap((event) => {
        switch (event._tag) {
          case "Started":
            return [`${event.action}: ${event.keys.map(({ name }) => name).join(", ")}`]
          case "Step":
            return [`${event.name} ${event.step}`]
          case "Key":
            return [`${event.name} ${event.detail} ${event.count}/${event.total}`]
          default:
            return []
        }
      })
      const make = (name: string) => ["creating", "delivering", "validating"].map((step) => `${name} ${step}`)
      const end = (name: string) => ["disabling", "disabled"].map((step) => `${name} ${step}`)
      assert.deepStrictEqual(told, [
        "rotate: app-0, app-1",
        ...make("app-0"),
        "app-0 made 1/2",
        ...make("app-1"),
        "app-1 made 2/2",
        ...end("app-0"),
        ...end("app-1")
      ])
    }).pipe(Effect.provide(live))
  )
})
