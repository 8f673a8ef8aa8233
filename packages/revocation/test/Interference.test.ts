import { assert, describe, it } from "@effect/vitest"
import { Log } from "@keysweep/audit/Log"
import { RunId } from "@keysweep/audit/RunId"
import { Effect, TestClock } from "effect"
import { exitCodeOf } from "../src/Outcome.ts"
import type { PlanRequest } from "../src/Plan.ts"
import { makeVirtual, pause } from "./virtual.ts"
import { confirmed, live } from "./world.ts"

const keysOf = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    name: `key-${number}`,
    key: `ek-proxy-${number.toString(16).padStart(16, "0")}`,
    allocated_ammount: 1
  }))

/** Ten keys on the smallest plan: a run takes minutes, in which somebody does something. */
const minutes = Effect.gen(function* () {
  const it = yield* makeVirtual({
    seed: { accounts: [{ apiKey: "ek-virtual-master", plan: "free", balance: 100, keys: keysOf(10) }] }
  })
  const planned = (request: PlanRequest) =>
    Effect.flatMap(it.passing(it.sweep.plan({ selector: { all: true }, reason: "a test", ...request })), (planning) =>
      planning._tag === "Plan" ? Effect.succeed(planning.plan) : Effect.die(planning.detail)
    )
  const keyNamed = (name: string) => it.world.accounts[0].keys.find((key) => key.name === name)
  const written = () => it.sent.filter(({ path, status }) => status === 200 && /toggle|update/.test(path)).length
  /** Once, when so many toggles or updates of ours have gone. */
  const after = (writes: number, what: () => void) => {
    let done = false
    it.beforeEach(() => {
      if (done || written() < writes) return
      done = true
      what()
    })
  }
  return { ...it, planned, keyNamed, after, written }
})

describe("While a run is under way", () => {
  it.scoped("I2: a key that somebody makes is not touched", () =>
    Effect.gen(function* () {
      const it = yield* minutes
      const plan = yield* it.planned({ action: "disable" })
      const [first] = it.world.accounts[0].keys
      it.after(
        4,
        () =>
          first !== undefined &&
          it.world.accounts[0].keys.push({ ...first, name: "new", key: "ek-proxy-new", is_active: true })
      )
      const receipt = yield* it.passing(it.sweep.apply(plan, confirmed(plan)))
      assert.deepStrictEqual([receipt.outcome, receipt.keys.length], ["done", 10])
      assert.isTrue(it.keyNamed("new")?.is_active)
    }).pipe(Effect.provide(live))
  )

  it.scoped("I10: a key that somebody enables again is not called done, and nothing is switched twice", () =>
    Effect.gen(function* () {
      const it = yield* minutes
      const plan = yield* it.planned({ action: "disable" })
      const back = plan.keys[0]?.name ?? ""
      it.after(6, () => {
        const key = it.keyNamed(back)
        if (key !== undefined) key.is_active = true
      })
      const receipt = yield* it.passing(it.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(exitCodeOf(receipt.outcome), 1)
      assert.deepInclude(
        receipt.keys.find(({ name }) => name === back),
        {
          outcome: "unverified",
          detail: "the upstream said yes, but its list still shows the key active"
        }
      )
      assert.lengthOf(
        receipt.keys.filter(({ outcome }) => outcome === "done"),
        9
      )
      assert.lengthOf(
        it.sent.filter(({ path }) => path.endsWith("/toggle")),
        10
      )
    }).pipe(Effect.provide(live))
  )

  it.scoped("what somebody changes in a key's settings is not overwritten by a contain that comes to it later", () =>
    Effect.gen(function* () {
      const it = yield* minutes
      const narrow = { models: ["a"], limitType: "daily" } as const
      const plan = yield* it.planned({ action: "contain", narrow })
      const last = plan.keys.at(-1)?.name ?? ""
      it.after(3, () => it.keyNamed(last)?.ip_whitelist.push("192.0.2.1"))
      const receipt = yield* it.passing(it.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(receipt.outcome, "partial")
      assert.deepInclude(
        receipt.keys.find(({ name }) => name === last),
        {
          outcome: "failed",
          detail: "somebody has changed it during the run: addresses: any → 192.0.2.1"
        }
      )
      assert.deepStrictEqual(it.keyNamed(last)?.ip_whitelist, ["192.0.2.1"])
      assert.deepStrictEqual(it.keyNamed(last)?.model_whitelist, [])
    }).pipe(Effect.provide(live))
  )

  it.scoped("I5, I6: the upstream is down for ten minutes: told, nothing lost, and resume does the rest", () =>
    Effect.gen(function* () {
      const it = yield* minutes
      const plan = yield* it.planned({ action: "disable" })
      yield* TestClock.adjust("10 minutes")
      const running = it.sweep.apply(plan, confirmed(plan))
      const falling = Effect.gen(function* () {
        while (it.written() < 2) yield* pause
        yield* it.downFor(10 * 60_000)
      })
      const [receipt] = yield* it.passing(Effect.all([running, falling], { concurrency: 2 }))
      assert.include([1, 6], exitCodeOf(receipt.outcome), receipt.outcome)
      assert.isAbove(receipt.keys.filter(({ outcome }) => outcome !== "done").length, 0)
      yield* TestClock.adjust("20 minutes")
      const resumed = yield* it.passing(it.sweep.resume(RunId.make(receipt.run)))
      assert.strictEqual(resumed.outcome, "done", JSON.stringify(resumed))
      assert.strictEqual(it.active(), 0)
      assert.lengthOf(
        it.sent.filter(({ path, status }) => path.endsWith("/toggle") && status === 200),
        10
      )
      assert.isTrue((yield* it.sweep.books(Effect.flatMap(Log, (log) => log.verify(resumed.anchor ?? "")))).ok)
    }).pipe(Effect.provide(live))
  )

  it.scoped("a second run on the account waits for nobody: it is refused, resumable, and changes nothing", () =>
    Effect.gen(function* () {
      const it = yield* minutes
      const one = yield* it.planned({ action: "disable" })
      const two = yield* it.planned({ action: "delete" })
      yield* TestClock.adjust("10 minutes")
      const second = Effect.gen(function* () {
        while (it.written() < 1) yield* pause
        return yield* Effect.flip(it.sweep.apply(two, confirmed(two)))
      })
      const [receipt, error] = yield* it.passing(
        Effect.all([it.sweep.apply(one, confirmed(one)), second], { concurrency: 2 })
      )
      assert.strictEqual(error._tag, "LeaseHeld")
      assert.strictEqual(receipt.outcome, "done")
      assert.lengthOf(it.world.accounts[0].keys, 10)
    }).pipe(Effect.provide(live))
  )
})
