import { assert, describe, it } from "@effect/vitest"
import { RunId } from "@keysweep/audit/RunId"
import { Duration, Effect, Either, Fiber, Layer } from "effect"
import type { PlanRequest } from "../src/Plan.ts"
import { Progress } from "../src/Progress.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { confirmed, live, makeWorld, type WorldOptions } from "./world.ts"

const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))
const remove = { method: "POST", path: "/auth/proxy/remove" }

/** Every key is disabled, and due at once. */
const due = (options: WorldOptions = {}, more: Partial<PlanRequest> = {}) =>
  Effect.gen(function* () {
    const world = yield* makeWorld(options)
    const request: PlanRequest = {
      action: "disable",
      selector: { all: true },
      reason: "clean-up",
      thenDelete: { after: Duration.zero },
      ...more
    }
    const plan = yield* world.planFor(request)
    const how = plan.automatic ? ("automatic" as const) : ("hash" as const)
    const { outcome, run } = yield* world.sweep.apply(plan, { ...confirmed(plan), how })
    assert.strictEqual(outcome, "done")
    const carryOut = (asked: PlanRequest) =>
      Effect.map(world.sweep.carryOut({ reason: "a test", ...asked }), (it) =>
        it._tag === "Receipt" ? it.receipt.outcome : it.detail
      )
    return { ...world, disabling: RunId.make(run), carryOut }
  })

/** A deletion of them, and what it has left behind when the master key was refused after the first. */
const cutOff = Effect.gen(function* () {
  const world = yield* due()
  yield* world.emulator.faults([{ match: remove, kind: "status", status: 401, body: "{}", skip: 1, times: 100 }])
  const [receipt] = (yield* world.sweep.runDue).receipts
  assert.strictEqual(receipt?.outcome, "credentials")
  yield* world.emulator.faults([])
  return { ...world, deletion: RunId.make(receipt?.run ?? ""), left: yield* world.names }
})

describe("A deletion after a soak", () => {
  it.scopedLive("is not gone on with once the disabling was undone, whatever was disabled since", () =>
    Effect.gen(function* () {
      const world = yield* cutOff
      assert.strictEqual(yield* world.carryOut(yield* world.sweep.undo(world.disabling)), "partial")
      assert.strictEqual(yield* world.carryOut({ action: "disable", selector: { all: true }, reason: "pause" }), "done")
      const resumed = yield* world.sweep.resume(world.deletion)
      assert.strictEqual(resumed.outcome, "partial")
      assert.deepStrictEqual(yield* world.names, world.left)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("is not gone on with where somebody is seen to miss the key meanwhile", () =>
    Effect.gen(function* () {
      const world = yield* due()
      const begun = yield* Effect.makeLatch(false)
      const progress = Layer.succeed(Progress, {
        report: (event) => (event._tag === "Key" ? Effect.zipRight(begun.open, Effect.never) : Effect.void)
      })
      const dying = yield* world.sweepFor("os:ada", Settings.none, Effect.void, progress)
      const running = yield* Effect.fork(dying.runDue)
      yield* begun.await
      yield* Fiber.interrupt(running)
      const [missed = ""] = (yield* world.names).slice(-1)
      yield* Effect.exit(world.use(missed))
      const report = yield* world.sweep.runDue
      assert.deepStrictEqual(
        report.alarms.map(({ name }) => name),
        [missed]
      )
      assert.deepStrictEqual(yield* world.names, [missed])
      assert.deepStrictEqual(report.ended, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("that nobody was asked about does not take place once the settings ask for somebody", () =>
    Effect.gen(function* () {
      const automatic = "automatic: [{ finding: never-used, action: delete }]"
      const world = yield* due({ settings: settingsOf(automatic) }, { selector: { unused: true } })
      const names = yield* world.names
      const strict = yield* world.sweepFor("os:ada", settingsOf("{}"))
      const report = yield* strict.runDue
      assert.strictEqual(report.outcome, "blocked")
      assert.include(report.waiting.map(({ why }) => why).join(), "automatic")
      assert.deepStrictEqual(yield* world.names, names)
    }).pipe(Effect.provide(live))
  )
})
