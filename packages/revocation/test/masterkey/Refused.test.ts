import { assert, describe, it } from "@effect/vitest"
import { CallIntended, CallSettled, MasterKeyPlanned } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { makeRunId } from "@keysweep/audit/RunId"
import { accountIdOf } from "@keysweep/core/Account"
import { Effect, Redacted } from "effect"
import { live, makeWorld } from "../world.ts"

/** A regeneration whose process died: with the answer on record, or without. Its sink is a file. */
const died = (answered: boolean) =>
  Effect.gen(function* () {
    const world = yield* makeWorld()
    yield* world.sweep.inventory
    const old = Redacted.value(world.emulator.apiKey)
    const sinks = ["dotenv:/srv/app/.env#KEY"]
    yield* world.sweep.books(
      Effect.gen(function* () {
        const log = yield* Log
        const run = yield* makeRunId
        const id = `call_${run}`
        yield* log.append(MasterKeyPlanned.make({ credential: accountIdOf(old), sinks, reason: null }), run)
        yield* log.append(CallIntended.make({ id, intent: { call: "regenerate" } }), run)
        if (answered) yield* log.append(CallSettled.make({ id, outcome: { result: "done" } }), run)
      })
    )
    yield* Effect.promise(() =>
      fetch(`${world.emulator.url}/auth/key/regen`, { headers: { authorization: `Bearer ${old}` } })
    )
    const now = String((yield* world.emulator.state).accounts[0]?.apiKey)
    assert.notStrictEqual(now, old)
    return { ...world, old, now }
  })

describe("A master key that the upstream refuses", () => {
  for (const answered of [true, false]) {
    it.scopedLive(
      `every step says where its successor is, ${answered ? "which the vendor is known to have made" : "if there is one"}`,
      () =>
        Effect.gen(function* () {
          const { sweep } = yield* died(answered)
          const plan = sweep.plan({ action: "disable", selector: { all: true }, reason: "a test" })
          for (const step of [Effect.asVoid(sweep.inventory), Effect.asVoid(plan), Effect.asVoid(sweep.backup)]) {
            const refused = yield* Effect.flip(step)
            assert.strictEqual(refused._tag, "Unauthorized")
            assert.match(refused.message, answered ? /it was replaced at .* by run_/ : /the answer is not on record/)
            assert.match(refused.message, /look in dotenv:\/srv\/app\/\.env#KEY.*dashboard.*keysweep list/)
          }
        }).pipe(Effect.provide(live))
    )
  }

  it.scopedLive("the next run with the new one puts on record that it is the same account's", () =>
    Effect.gen(function* () {
      const { now, old, sweepFor } = yield* died(true)
      const sweep = yield* sweepFor("os:ada", undefined, undefined, undefined, Redacted.make(now))
      const planning = yield* sweep.plan({ action: "disable", selector: { states: ["active"] }, reason: "a test" })
      if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
      const { plan } = planning
      assert.strictEqual((yield* sweep.apply(plan, { plan: plan.hash, how: "hash" })).outcome, "done")
      const events = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
      assert.deepStrictEqual(
        events.flatMap(({ event }) => (event._tag === "AccountRekeyed" ? [[event.from, event.to]] : [])),
        [[accountIdOf(old), accountIdOf(now)]]
      )
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("one that nobody has replaced is refused in the upstream's words", () =>
    Effect.gen(function* () {
      const { sweepFor } = yield* makeWorld()
      const sweep = yield* sweepFor("os:ada", undefined, undefined, undefined, Redacted.make("ek-of-nobody-0123456789"))
      const refused = yield* Effect.flip(sweep.inventory)
      assert.notMatch(refused.message, /replaced/)
    }).pipe(Effect.provide(live))
  )
})
