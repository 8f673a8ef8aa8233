import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { confirmed, live, makeWorld } from "./world.ts"

const noKey = {
  kind: "status",
  status: 404,
  body: JSON.stringify({ error: { message: "Proxy key not found" } })
} as const

describe("Acting", () => {
  it.scopedLive("a key that somebody deletes in the middle does not keep the others from being disabled", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "disable", selector: { all: true } })
      const victim = plan.keys[4]?.name ?? ""
      yield* world.emulator.faults([
        { match: { method: "POST", path: "/auth/proxy/toggle" }, kind: "delay", ms: 1500, times: 4 }
      ])
      const running = yield* Effect.fork(world.sweep.apply(plan, confirmed(plan)))
      yield* world.arrived("/toggle", 1)
      yield* world.onKey("remove", victim)
      const receipt = yield* running
      assert.strictEqual(receipt.outcome, "done", receipt.stopped ?? "")
      assert.strictEqual(receipt.keys.find(({ name }) => name === victim)?.outcome, "already-gone")
      assert.isTrue(((yield* world.state)?.keys ?? []).every((key) => key.is_active === false))
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a route that is missing ends the run after those under way, with one look", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
      yield* world.emulator.faults([{ match: { method: "POST", path: "/auth/proxy/remove" }, ...noKey, times: 100 }])
      const before = (yield* world.emulator.requests).length
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "failed")
      assert.include(receipt.stopped ?? "", "no such route")
      assert.isAtMost((yield* world.writes).length, 4)
      const lists = (yield* world.emulator.requests).slice(before).filter(({ method }) => method === "GET")
      assert.lengthOf(lists, 3)
    }).pipe(Effect.provide(live))
  )
})
