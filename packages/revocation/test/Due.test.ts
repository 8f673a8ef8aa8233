import { assert, describe, it } from "@effect/vitest"
import { Log } from "@keysweep/audit/Log"
import { RunId } from "@keysweep/audit/RunId"
import { Effect, Either, Exit, Fiber, Ref } from "effect"
import { live } from "./world.ts"
import { settingsOf, soakWorld } from "./soakWorld.ts"

describe("disable, soak, delete", () => {
  it.scoped(
    "waits as long as was asked for, and then deletes, proves and says it once, however often it is called",
    () =>
      Effect.gen(function* () {
        const world = yield* soakWorld()
        const names = (yield* world.active).slice(0, 2)
        const receipt = yield* world.start(names)
        assert.deepStrictEqual([receipt.outcome, receipt.soaks.length], ["done", 2])
        const early = yield* world.sweep.runDue
        assert.deepStrictEqual([early.outcome, early.receipts.length, early.soaking.keys.length], ["nothing", 0, 2])
        yield* world.pass("167 hours")
        assert.strictEqual((yield* world.sweep.runDue).outcome, "nothing")
        yield* world.pass("1 hours")
        const report = yield* world.sweep.runDue
        assert.deepStrictEqual([report.outcome, report.soaking.keys, report.soaking.next], ["done", [], null])
        assert.deepStrictEqual(
          report.receipts.map(({ action, keys, outcome }) => [action, outcome, keys.length]),
          [["delete", "done", 2]]
        )
        assert.includeMembers([...(yield* world.names)], (yield* world.active).slice(2))
        const writes = yield* world.writes
        const requests = (yield* world.emulator.requests).length
        yield* world.pass("30 days")
        assert.strictEqual((yield* world.sweep.runDue).outcome, "nothing")
        assert.deepStrictEqual(yield* world.writes, writes)
        assert.strictEqual((yield* world.emulator.requests).length, requests)
        const verification = yield* world.sweep.books(Effect.flatMap(Log, (log) => log.verify()))
        assert.isTrue(verification.ok)
      }).pipe(Effect.provide(live))
  )

  it.scoped(
    "an app that still calls with a key, or a key that somebody enables, alarms once; only the others are deleted",
    () =>
      Effect.gen(function* () {
        const world = yield* soakWorld()
        const [refused = "", enabled = "", changed = "", quiet = ""] = yield* world.active
        const { run } = yield* world.start([refused, enabled, changed, quiet])
        yield* world.pass("1 days")
        yield* world.callWith(refused)
        yield* world.onKey("toggle", enabled)
        yield* world.rename(changed, "another name")
        const report = yield* world.sweep.runDue
        assert.strictEqual(report.outcome, "blocked")
        assert.deepStrictEqual(
          report.alarms.map(({ name, run, why }) => [name, run, why]).sort(),
          [
            [refused, run, "1 call with it was refused since it was disabled"],
            [enabled, run, "somebody enabled it again"],
            [changed, run, "somebody changed its settings"]
          ].sort()
        )
        assert.deepStrictEqual(
          report.ended.map(({ name }) => name),
          [enabled]
        )
        assert.strictEqual((yield* world.sweep.runDue).outcome, "nothing")
        yield* world.pass("30 days")
        const due = yield* world.sweep.runDue
        assert.deepStrictEqual(
          due.receipts.flatMap(({ keys }) => keys.map(({ name }) => name)),
          [quiet]
        )
        assert.deepStrictEqual(due.soaking.keys.map(({ name }) => name).sort(), [refused, changed].sort())
        // A person may still delete it, and says why.
        const selector = { keys: [due.soaking.keys.find(({ name }) => name === refused)?.id ?? ""] }
        const plan = yield* world.planFor({ action: "delete", selector, reason: "nobody needs it" })
        assert.strictEqual(plan.gate.find(({ check }) => check === "not soaked")?.result, "block")
        const lifted = yield* world.planFor({ action: "delete", selector, reason: "nobody needs it", override: true })
        assert.strictEqual((yield* world.sweep.apply(lifted, { plan: lifted.hash, how: "hash" })).outcome, "done")
        assert.deepStrictEqual(
          (yield* world.sweep.soaking).keys.map(({ name }) => name),
          [changed]
        )
      }).pipe(Effect.provide(live))
  )

  it.scoped("undo ends the soak before the first key works again, of keys too that were disabled before", () =>
    Effect.gen(function* () {
      const world = yield* soakWorld()
      const before = yield* world.active
      const [old = "", fresh = ""] = before
      yield* world.onKey("toggle", old)
      const { run, soaks } = yield* world.start([old, fresh])
      assert.lengthOf(soaks, 2)
      const undo = yield* world.sweep.undo(RunId.make(run))
      yield* world.sweep.carryOut({ ...undo, reason: "somebody misses it" })
      assert.deepStrictEqual(
        yield* world.active,
        before.filter((name) => name !== old)
      )
      assert.deepStrictEqual(yield* world.sweep.soaking, { keys: [], next: null })
      yield* world.pass("30 days")
      assert.strictEqual((yield* world.sweep.runDue).outcome, "nothing")
      assert.include(yield* world.names, old)
    }).pipe(Effect.provide(live))
  )

  it.scoped(
    "a run that only let disabled keys soak is not undone by enabling them: it says how the soak is ended",
    () =>
      Effect.gen(function* () {
        const world = yield* soakWorld()
        const [old = ""] = yield* world.active
        yield* world.onKey("toggle", old)
        const { run } = yield* world.start([old])
        const refused = yield* Effect.flip(world.sweep.undo(RunId.make(run)))
        assert.match(refused.message, /disabled nothing.*Hold or enable them/)
      }).pipe(Effect.provide(live))
  )

  it.scoped("a clock that runs ahead deletes nothing before its time, neither what is due nor at once", () =>
    Effect.gen(function* () {
      const world = yield* soakWorld({ settings: settingsOf("block: [not soaked]\nsoak: [{ time: 7d }]") })
      const [one = "", two = ""] = yield* world.active
      yield* world.start([one])
      yield* world.sweep.carryOut({ action: "disable", selector: { keys: [two] }, reason: "pause" })
      const deletion = { action: "delete", selector: { keys: [two] }, reason: "clean-up" } as const
      yield* world.runAhead("8 days")
      assert.strictEqual((yield* world.sweep.runDue).outcome, "nothing")
      assert.strictEqual((yield* Effect.flip(world.sweep.carryOut(deletion)))._tag, "GateBlocked")
      assert.includeMembers([...(yield* world.names)], [one, two])
      yield* world.passThere("8 days")
      assert.strictEqual((yield* world.sweep.runDue).outcome, "done")
      assert.strictEqual((yield* world.sweep.carryOut(deletion))._tag, "Receipt")
      assert.notIncludeMembers([...(yield* world.names)], [one, two])
    }).pipe(Effect.provide(live))
  )

  it.scoped("what is due is judged anew: a hold and a protection keep it, and it is tried again", () =>
    Effect.gen(function* () {
      const world = yield* soakWorld()
      const [one = "", two = ""] = yield* world.active
      const plan = yield* world.planFor(world.request([one]))
      yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })
      yield* world.start([two])
      const owner = yield* world.sweepFor("slack:U1")
      yield* owner.hold({ plan: plan.hash }, "wait for me")
      yield* world.pass("8 days")
      const report = yield* world.sweep.runDue
      assert.strictEqual(report.outcome, "blocked")
      assert.deepStrictEqual(
        report.receipts.flatMap(({ keys }) => keys.map(({ name }) => name)),
        [two]
      )
      assert.match(report.waiting.map(({ why }) => why).join(), /wait for me/)
      const strict = yield* world.sweepFor("os:ada", settingsOf(`protected: [{ name: "${one}", why: ours }]`))
      yield* owner.liftHold({ plan: plan.hash }, "go")
      assert.match((yield* strict.runDue).waiting.map(({ why }) => why).join(), /protected: ours/)
      assert.include(yield* world.names, one)
      assert.strictEqual((yield* world.sweep.runDue).outcome, "done")
      assert.notInclude(yield* world.names, one)
    }).pipe(Effect.provide(live))
  )

  it.scoped("the time and the second person that settings ask for are asked for when the keys are disabled", () =>
    Effect.gen(function* () {
      const people = "people: [{ name: Ada, os: ada }, { name: Grace, slack: U1 }]\n"
      const settings = settingsOf(`${people}approvals: { delete: 1 }\nsoak: [{ time: 7d }]`)
      const world = yield* soakWorld({ settings })
      const [one = ""] = yield* world.active
      const check = (gate: ReadonlyArray<{ check: string; result: string }>, name: string) =>
        gate.find((it) => it.check === name)?.result
      const direct = yield* world.planFor({ action: "delete", selector: { keys: [one] }, reason: "now" })
      assert.strictEqual(check(direct.gate, "not soaked"), "block")
      const short = yield* world.planFor(world.request([one], { thenDelete: { after: "6 days" } }))
      assert.strictEqual(check(short.gate, "not soaked"), "block")
      const plan = yield* world.planFor(world.request([one]))
      assert.strictEqual(check(plan.gate, "not soaked"), "pass")
      const error = yield* Effect.flip(world.sweep.apply(plan, { plan: plan.hash, how: "hash" }))
      assert.match(error.message, /second person/)
      const grace = yield* world.sweepFor("slack:U1")
      yield* grace.approve(plan, { name: "os:ada", authenticated: true })
      yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })
      yield* world.pass("7 days")
      // Whoever calls it: the request was Ada's, and the approval is of the plan that she ran.
      assert.strictEqual((yield* grace.runDue).outcome, "done")
      assert.notInclude(yield* world.names, one)
    }).pipe(Effect.provide(live))
  )

  it.scoped("a key that a plain run disabled may be deleted when it has been disabled for long enough", () =>
    Effect.gen(function* () {
      const world = yield* soakWorld({ settings: settingsOf("soak: [{ time: 3d }]") })
      const [one = ""] = yield* world.active
      const disable = yield* world.planFor({ action: "disable", selector: { keys: [one] } })
      yield* world.sweep.apply(disable, { plan: disable.hash, how: "hash" })
      const soaked = Effect.map(
        world.planFor({ action: "delete", selector: { keys: [one] }, reason: "now" }),
        ({ gate }) => gate.find(({ check }) => check === "not soaked")
      )
      yield* world.pass("71 hours")
      const early = yield* soaked
      assert.strictEqual(early?.result, "block")
      assert.match(early?.detail ?? "", /the first is free at /)
      yield* world.pass("1 hours")
      assert.strictEqual((yield* soaked)?.result, "pass")
      yield* world.onKey("toggle", one)
      yield* world.onKey("toggle", one)
    }).pipe(Effect.provide(live))
  )

  it.scoped("of two at once each key is deleted by one, and the other is told or finds nothing", () =>
    Effect.gen(function* () {
      const world = yield* soakWorld()
      const names = (yield* world.active).slice(0, 3)
      yield* world.start(names)
      yield* world.pass("8 days")
      const other = yield* world.sweepFor("slack:U1")
      const ends = yield* Effect.all([Effect.either(world.sweep.runDue), Effect.either(other.runDue)], {
        concurrency: 2
      })
      for (const end of ends) {
        if (Either.isLeft(end)) assert.strictEqual(end.left._tag, "LeaseHeld")
        else assert.include(["done", "nothing", "limit"], end.right.outcome)
      }
      yield* world.sweep.runDue
      const removed = (yield* world.writes).filter((line) => line.includes("remove"))
      assert.lengthOf(removed, 3)
      assert.deepStrictEqual((yield* world.sweep.soaking).keys, [])
    }).pipe(Effect.provide(live))
  )

  it.scoped("a watch acts when the time has come, also after it was asleep for months", () =>
    Effect.gen(function* () {
      const world = yield* soakWorld()
      const [one = "", two = ""] = yield* world.active
      yield* world.start([one], { thenDelete: { after: "1 days" } })
      yield* world.start([two], { thenDelete: { after: "20 days" } })
      const done = yield* Ref.make<ReadonlyArray<string>>([])
      const tell = Either.match({
        onLeft: () => Effect.void,
        onRight: ({ receipts }: { receipts: ReadonlyArray<{ keys: ReadonlyArray<{ name: string }> }> }) =>
          Ref.update(done, (all) => [...all, ...receipts.flatMap(({ keys }) => keys.map(({ name }) => name))])
      })
      const watching = yield* Effect.fork(world.sweep.watchDue(tell))
      yield* world.until(
        Effect.map(Ref.get(done), (all) => all.length === 1),
        "1 hours"
      )
      assert.deepStrictEqual(yield* Ref.get(done), [one])
      yield* world.pass("300 days")
      yield* world.until(
        Effect.map(Ref.get(done), (all) => all.length === 2),
        "1 minutes"
      )
      assert.deepStrictEqual(yield* Ref.get(done), [one, two])
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(watching)))
    }).pipe(Effect.provide(live))
  )
})
