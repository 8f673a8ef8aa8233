import { assert, describe, it } from "@effect/vitest"
import { Log } from "@keysweep/audit/Log"
import { Duration, Effect, TestClock } from "effect"
import type { PlanRequest } from "../src/Plan.ts"

import { confirmed, live, makeWorld, type WorldOptions } from "./world.ts"

const scale = 600

/** A world whose clock stands still until `pass`; times are those of an unscaled account. */
const soakWorld = (options: WorldOptions = {}) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(new Date("2026-11-21T12:00:00Z").getTime())
    const world = yield* makeWorld(options)
    const pass = (time: Duration.DurationInput) => TestClock.adjust(Duration.times(time, 1 / scale))
    const keys = Effect.map(world.state, (account) => account?.keys ?? [])
    const active = Effect.map(keys, (all) =>
      all
        .filter(({ is_active }) => is_active === true)
        .map(({ name }) => String(name))
        .sort()
    )
    const request = (names: ReadonlyArray<string>, more: Partial<PlanRequest> = {}): PlanRequest => ({
      action: "disable",
      selector: { keys: names },
      reason: "clean-up",
      thenDelete: { after: null },
      ...more
    })
    const start = (names: ReadonlyArray<string>, more: Partial<PlanRequest> = {}) =>
      Effect.flatMap(world.planFor(request(names, more)), (plan) => world.sweep.apply(plan, confirmed(plan)))
    return { ...world, pass, keys, active, request, start }
  })

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
})
