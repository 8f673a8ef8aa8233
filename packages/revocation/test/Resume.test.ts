import { assert, describe, it } from "@effect/vitest"
import { RunId } from "@keysweep/audit/RunId"
import { Effect } from "effect"
import { confirmed, live, makeWorld } from "./world.ts"

const unreadableProof = {
  match: { method: "GET", path: "/auth/proxy" },
  kind: "status" as const,
  status: 200,
  body: [{}],
  skip: 1
}

describe("Resume", () => {
  for (const action of ["disable", "delete", "delete-all"] as const) {
    it.scopedLive(`I6: the log knows every key of a ${action} before it says that the run has begun`, () =>
      Effect.gen(function* () {
        const world = yield* makeWorld()
        const selector = action === "delete-all" ? {} : { selector: { all: true } }
        const plan = yield* world.planFor({ action, ...selector })
        yield* world.sweep.apply(plan, confirmed(plan))
        const tags = (yield* world.events).map((event) => event._tag)
        assert.strictEqual(tags.filter((tag) => tag === "KeyPlanned").length, plan.keys.length)
        assert.isBelow(tags.lastIndexOf("KeyPlanned"), tags.indexOf("RunStarted"))
      }).pipe(Effect.provide(live))
    )
  }

  it.scopedLive("I6: the log knows every key of a panic before it says that the run has begun", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      yield* world.sweep.panic({
        reason: "leak",
        home: world.home,
        choose: (choices) => Effect.succeed(choices[0]?.phrase ?? ""),
        onTrouble: () => Effect.void
      })
      const tags = (yield* world.events).map((event) => event._tag)
      assert.isBelow(tags.lastIndexOf("KeyPlanned"), tags.indexOf("RunStarted"))
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I10: a disabling that could not be proven is proven by resuming it, and can be undone then", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "disable", selector: { all: true } })
      yield* world.emulator.faults([unreadableProof])
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "unverified")
      const resumed = yield* world.sweep.resume(RunId.make(receipt.run))
      assert.strictEqual(resumed.outcome, "done")
      assert.deepStrictEqual([...new Set(resumed.keys.map(({ outcome }) => outcome))], ["done"])
      const retired = (yield* world.events).filter(({ _tag }) => _tag === "KeyRetired")
      assert.lengthOf(retired, plan.keys.length)
      const undo = yield* world.sweep.undo(RunId.make(receipt.run))
      assert.lengthOf(undo.undoes?.keys ?? [], plan.keys.length)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a key that somebody else disabled meanwhile is not called this run's doing", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "disable", selector: { all: true } })
      // The master key is refused at the second key: that one and those after it are left as they were.
      const toggle = { method: "POST", path: "/auth/proxy/toggle" }
      yield* world.emulator.faults([{ match: toggle, kind: "status", status: 401, body: "{}", skip: 1, times: 100 }])
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "credentials")
      yield* world.emulator.faults([])
      const left = receipt.keys.filter(({ outcome }) => outcome !== "done").map(({ id }) => id)
      const [other = ""] = left
      const another = yield* world.planFor({ action: "disable", selector: { keys: [other] } })
      yield* world.sweep.apply(another, confirmed(another))
      const resumed = yield* world.sweep.resume(RunId.make(receipt.run))
      assert.strictEqual(resumed.outcome, "partial")
      assert.strictEqual(resumed.keys.find(({ id }) => id === other)?.outcome, "skipped")
      assert.lengthOf(
        resumed.keys.filter(({ outcome }) => outcome === "done"),
        plan.keys.length - 1
      )
      const undo = yield* world.sweep.undo(RunId.make(receipt.run))
      assert.notInclude(undo.undoes?.keys.map(({ id }) => id) ?? [], other)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I6: a delete-all that ended half way is finished key by key, each on record", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete-all" })
      const bulk = { method: "DELETE", path: "/auth/proxy/delete" }
      yield* world.emulator.faults([{ match: bulk, kind: "partial", skip: 4 }])
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "failed")
      assert.lengthOf(yield* world.names, plan.keys.length - 4)
      const resumed = yield* world.sweep.resume(RunId.make(receipt.run))
      assert.strictEqual(resumed.outcome, "done")
      assert.deepStrictEqual(yield* world.names, [])
      assert.lengthOf(
        (yield* world.writes).filter((line) => line.startsWith("DELETE")),
        1
      )
      const retired = (yield* world.events).filter(({ _tag }) => _tag === "KeyRetired")
      assert.lengthOf(retired, plan.keys.length)
    }).pipe(Effect.provide(live))
  )
})
