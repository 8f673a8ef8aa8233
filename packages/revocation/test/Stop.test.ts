import { assert, describe, it } from "@effect/vitest"
import type { EmulatorOptions } from "@keysweep/emulator/Emulator"
import { Effect, Fiber, Layer, Schedule } from "effect"
import { Progress } from "../src/Progress.ts"
import { Settings } from "../src/Settings.ts"
import type { Sweep } from "../src/Sweep.ts"
import { confirmed, live, makeWorld } from "./world.ts"

/** Keys that work, as many as two rounds of a run's requests at once. */
const seed: EmulatorOptions["seed"] = {
  accounts: [
    {
      apiKey: "ek-stop-0123456789abcdef",
      label: "stop",
      balance: 100,
      userId: "user_stop",
      keys: Array.from({ length: 8 }, (_, index) => ({
        name: `key ${index}`,
        key: `ek-proxy-${String(index).padStart(32, "0")}`,
        is_active: true,
        allocated_ammount: 10,
        used_ammount: 1,
        created_at: 1_780_000_000 + index
      }))
    }
  ]
}

/** A run that has sent its first requests and waits with the next until `go`. */
const halfWay = (action: "disable" | "delete") =>
  Effect.gen(function* () {
    const world = yield* makeWorld({ emulator: { seed } })
    const plan = yield* world.planFor({ action, selector: { all: true }, reason: "test" })
    const go = yield* Effect.makeLatch(false)
    const begun = yield* Effect.makeLatch(false)
    const progress = Layer.succeed(Progress, {
      report: (event) => (event._tag === "Key" ? Effect.zipRight(begun.open, go.await) : Effect.void)
    })
    const sweep = yield* world.sweepFor("os:ada", Settings.none, Effect.void, progress)
    const running = yield* Effect.fork(sweep.apply(plan, confirmed(plan)))
    yield* begun.await
    const sent = Effect.map(world.writes, (writes) => writes.length)
    // The others of the first round are on their way: nothing else can be sent until `go`.
    yield* Effect.repeat(sent, { until: (count) => count === 4, schedule: Schedule.spaced("5 millis") })
    const rest = plan.keys.slice(4)
    return { world, plan, rest, ends: Effect.zipRight(go.open, Fiber.join(running)) }
  })

const panicDisable = (sweep: Sweep["Type"], home: string) =>
  sweep.panic({
    reason: "leak",
    home,
    choose: (choices) => Effect.succeed(choices.find(({ way }) => way === "disable")?.phrase ?? ""),
    onTrouble: () => Effect.void
  })

describe("what somebody else says during a run", () => {
  it.scopedLive("a hold of one key blocks that key; the run goes on with the others, and ends as partial", () =>
    Effect.gen(function* () {
      const { ends, rest, world } = yield* halfWay("delete")
      const [held] = rest
      if (held === undefined) return assert.fail("the plan is too short")
      const owner = yield* world.sweepFor("slack:U1")
      yield* owner.hold({ key: held.id }, "still in use")
      const receipt = yield* ends
      assert.deepStrictEqual([receipt.outcome, receipt.stopped], ["partial", null])
      for (const { detail, id, outcome } of receipt.keys) {
        assert.strictEqual(outcome, id === held.id ? "blocked" : "done")
        if (id === held.id) assert.include(detail, "still in use")
      }
      assert.deepStrictEqual(yield* world.names, [held.name])
      yield* owner.liftHold({ key: held.id }, "moved")
      assert.strictEqual((yield* world.sweep.resume(null)).outcome, "done")
      assert.deepStrictEqual(yield* world.names, [])
    }).pipe(Effect.provide(live))
  )

  for (const what of ["plan", "account"] as const) {
    it.scopedLive(`a hold of the ${what} stops the run before its next call; lifted, a resume does the rest`, () =>
      Effect.gen(function* () {
        const { ends, plan, rest, world } = yield* halfWay("delete")
        const owner = yield* world.sweepFor("slack:U1")
        const target = what === "plan" ? { plan: plan.hash } : {}
        yield* owner.hold(target, "wait for me")
        const receipt = yield* ends
        assert.strictEqual(receipt.outcome, "blocked")
        assert.include(receipt.stopped ?? "", "wait for me")
        assert.lengthOf(
          receipt.keys.filter(({ outcome }) => outcome === "done"),
          4
        )
        assert.sameMembers(
          [...(yield* world.names)],
          rest.map(({ name }) => name)
        )
        const error = yield* Effect.flip(world.sweep.resume(null))
        assert.strictEqual(error._tag, "GateBlocked")
        yield* owner.liftHold(target, "go")
        assert.strictEqual((yield* world.sweep.resume(null)).outcome, "done")
        assert.lengthOf(yield* world.writes, 8)
      }).pipe(Effect.provide(live))
    )
  }

  it.scopedLive(
    "a panic takes over: the run sends nothing more, each key ends in one of the two, nothing is lost",
    () =>
      Effect.gen(function* () {
        const { ends, rest, world } = yield* halfWay("delete")
        const panicked = yield* world
          .sweepFor("slack:U1")
          .pipe(Effect.flatMap((sweep) => panicDisable(sweep, world.home)))
        assert.strictEqual(panicked.outcome, "done")
        const writes = yield* world.writes
        const receipt = yield* ends
        assert.strictEqual(receipt.outcome, "limit")
        assert.include(receipt.stopped ?? "", `a panic of the account has begun (${panicked.run})`)
        assert.deepStrictEqual(yield* world.writes, writes)
        const rested = new Set<string>(rest.map(({ id }) => id))
        for (const { id, outcome } of receipt.keys) assert.strictEqual(outcome, rested.has(id) ? "skipped" : "done")
        assert.sameMembers(
          panicked.keys.map(({ id }) => id),
          [...rested]
        )
        const keys = (yield* world.state)?.keys ?? []
        assert.deepStrictEqual(
          keys.map(({ is_active }) => is_active),
          rest.map(() => false)
        )
        // The keys are not as planned any more: going on with the run would delete what the panic only disabled.
        yield* world.sweep.resume(null)
        assert.lengthOf((yield* world.state)?.keys ?? [], rest.length)
      }).pipe(Effect.provide(live))
  )
})
