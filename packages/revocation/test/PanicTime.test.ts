import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, TestClock } from "effect"
import type { PanicChoice } from "../src/Panic.ts"
import { live } from "./world.ts"
import { makeVirtual } from "./virtual.ts"

const keysOf = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    name: `key-${number}`,
    key: `ek-proxy-${number.toString(16).padStart(16, "0")}`,
    allocated_ammount: 1
  }))

const accountWith = (count: number, plan: string) => ({
  accounts: [{ apiKey: "ek-virtual-master", plan, balance: 100, keys: keysOf(count) }] as const
})

const typing = (way: "disable" | "delete") => (choices: ReadonlyArray<PanicChoice>) =>
  Effect.succeed(choices.find((choice) => choice.way === way)?.phrase ?? "")

const quiet = { reason: "leak", onTrouble: () => Effect.void }

const minute = 60_000

describe("Panic, by the clock", () => {
  // Limits of the plans: docs.electronhub.ai, getting-started/rate-limits. With the reading, each takes one window more.
  it.scoped.each([
    ["free", 5, 10],
    ["starter", 10, 10],
    ["plus", 15, 15],
    ["core", 20, 20],
    ["pro", 30, 30],
    ["business", 60, 60],
    ["enterprise", 100, 100]
  ] as const)("reaches zero active keys on %s (%i a minute, %i keys) within 5 %% of the optimum", ([plan, rpm, keys]) =>
    Effect.gen(function* () {
      const it = yield* makeVirtual({ seed: accountWith(keys, plan) })
      yield* it.passing(it.sweep.inventory)
      yield* TestClock.adjust("10 minutes")
      const began = yield* Clock.currentTimeMillis
      const receipt = yield* it.passing(it.sweep.panic({ ...quiet, home: it.home, choose: typing("disable") }))
      assert.strictEqual(receipt.outcome, "done")
      assert.strictEqual(it.active(), 0)
      assert.isTrue(it.sent.every(({ status }) => status === 200))
      const last = it.sent.filter(({ path }) => path.endsWith("/toggle")).at(-1)?.at ?? Infinity
      // A reading and a write for each key; the first window lets `rpm` of them go at once.
      const optimum = Math.floor(keys / rpm) * minute
      assert.isAtMost(last - began, optimum * 1.05)
    }).pipe(Effect.provide(live))
  )

  it.scoped("where others eat the limit, the first permitted request is the write, and the proof follows", () =>
    Effect.gen(function* () {
      const it = yield* makeVirtual({ seed: accountWith(10, "free") })
      yield* it.passing(it.sweep.inventory)
      yield* TestClock.adjust("10 minutes")
      for (let request = 0; request < 4; request++) yield* it.neighbour("GET", "/auth/proxy")
      yield* it.passing(it.sweep.inventory)
      yield* it.neighbour("POST", "/auth/proxy/create", { name: "newcomer", expires_at: -1, allocated_ammount: 1 })
      const before = it.sent.length
      const shown: Array<PanicChoice> = []
      const receipt = yield* it.passing(
        it.sweep.panic({
          ...quiet,
          home: it.home,
          choose: (choices) => {
            shown.push(...choices)
            return typing("delete")(choices)
          }
        })
      )
      assert.isTrue(shown.every(({ asOf }) => asOf !== null))
      const ours = it.sent.slice(before)
      assert.strictEqual(ours.find(({ status }) => status === 200)?.method, "DELETE")
      assert.strictEqual(ours.at(-1)?.path, "/v1/auth/proxy")
      assert.strictEqual(receipt.outcome, "done")
      assert.lengthOf(it.world.accounts[0].keys, 0)
      const bulk = (yield* it.events).flatMap((event) => (event._tag === "CallSettled" ? [event.outcome.result] : []))
      assert.deepStrictEqual(bulk, ["refused", "done"])
      const tags = (yield* it.events).map((event) => event._tag)
      assert.isBelow(tags.indexOf("BackupTaken"), tags.indexOf("CallIntended"))
    }).pipe(Effect.provide(live))
  )
})
