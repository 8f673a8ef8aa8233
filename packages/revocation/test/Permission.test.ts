import { assert, describe, it } from "@effect/vitest"
import type { Actor } from "@keysweep/audit/Actor"
import { Approved, CallIntended } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { Effect, Either } from "effect"
import { approvalsOf } from "../src/Approval.ts"
import { exitCodeOf } from "../src/Outcome.ts"
import { makePlan, type PlanRequest } from "../src/Plan.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { outcomeOfError } from "../src/SweepError.ts"
import { factsOf, now, readingOf } from "./support.ts"
import { confirmed, live, makeWorld } from "./world.ts"

const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))

describe("Permission", () => {
  it("an approval counts only where whoever runs the plan is known to be somebody else", () => {
    const settings = settingsOf(
      "people: [{ name: Ada, slack: U1 }, { name: Bo, slack: U2, github: bo, os: bo }]\napprovals: { delete: 1 }"
    )
    const planning = Either.getOrThrow(
      makePlan({ action: "delete", selector: { all: true } }, factsOf(readingOf([{}]), "n", settings))
    )
    if (planning._tag !== "Plan") throw new Error(planning.detail)
    const { plan } = planning
    const actor = (name: string, authenticated = true): Actor => ({ name, authenticated })
    const allOf = (requester: Actor, approvers: ReadonlyArray<Actor>, rules: typeof settings) =>
      approvalsOf(
        plan,
        requester,
        rules,
        approvers.map((approver, at) => ({
          seq: at + 1,
          at: now,
          account: plan.account,
          run: null,
          fence: null,
          actor: approver,
          surface: "slack",
          event: Approved.make({ plan: plan.hash, approver }),
          prev: "",
          hash: ""
        }))
      ).given.length
    const given = (requester: Actor, approver: Actor, rules = settings) => allOf(requester, [approver], rules)
    assert.strictEqual(given(actor("slack:U2"), actor("slack:U1")), 1)
    assert.strictEqual(given(actor("os:bo", false), actor("slack:U1")), 1)
    // Ada may be anybody on a machine, and anybody on GitHub: the settings do not say.
    assert.strictEqual(given(actor("os:ada", false), actor("slack:U1")), 0)
    assert.strictEqual(given(actor("github:ada"), actor("slack:U1")), 0)
    // Bo is known there by another name, and has proven his own.
    assert.strictEqual(given(actor("github:ada"), actor("slack:U2")), 1)
    assert.strictEqual(given(actor("os:ada", false), actor("slack:U2")), 0)
    assert.strictEqual(given(actor("slack:U9"), actor("slack:U1")), 1)
    assert.strictEqual(given(actor("slack:U2"), actor("slack:U1", false)), 0)

    // U8 and U9 count by their group, where somebody has asked Slack who is in it; on GitHub they may be anybody.
    const named = settingsOf(
      "people: [{ name: sre, slackGroup: S0SRE }, { name: Cy, github: cy }, { name: Bo, slack: U2, github: bo }]\napprovals: { delete: 1 }"
    )
    const known = { ...named, groups: new Map([["S0SRE", { members: new Set(["U2", "U8", "U9"]) }]]) }
    const unknown = { ...named, groups: new Map([["S0SRE", { unknown: "no answer" }]]) }
    assert.strictEqual(given(actor("slack:U8"), actor("slack:U9"), known), 1)
    assert.strictEqual(given(actor("slack:U8"), actor("slack:U8"), known), 0)
    assert.strictEqual(given(actor("slack:U8"), actor("slack:U7"), known), 0)
    assert.strictEqual(given(actor("github:cy"), actor("slack:U9"), known), 0)
    assert.strictEqual(given(actor("slack:U9"), actor("github:cy"), known), 0)
    assert.strictEqual(given(actor("github:bo"), actor("slack:U9"), known), 1)
    assert.strictEqual(given(actor("github:bo"), actor("slack:U2"), known), 0)
    assert.strictEqual(given(actor("slack:U2"), actor("slack:U9"), named), 0)
    assert.strictEqual(given(actor("slack:U2"), actor("slack:U9"), unknown), 0)

    // By the group and by GitHub it may have been one person, twice.
    const [cy, u8, u9] = [actor("github:cy"), actor("slack:U8"), actor("slack:U9")]
    assert.strictEqual(allOf(actor("slack:U2"), [cy, u8], known), 1)
    assert.strictEqual(allOf(actor("slack:U2"), [u8, cy, u9], known), 2)
    const asker = { ...known, people: [...known.people, { name: "Al", slack: "U7", github: "al" }] }
    assert.strictEqual(allOf(actor("slack:U7"), [cy, actor("github:bo"), u8, actor("slack:U2")], asker), 2)
  })

  it.scopedLive("looser settings that one person questioned are not a licence for others that are looser still", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({
        settings: settingsOf("caps: { count: 3 }\nprotected: [{ name: production-web }]")
      })
      const [first = ""] = yield* world.names
      const before = yield* world.planFor({ action: "disable", selector: { keys: [first] } })
      yield* world.sweep.apply(before, confirmed(before))
      const looser = yield* world.sweepFor("os:ada", settingsOf("protected: [{ name: production-web }]"))
      const planning = yield* looser.plan({
        action: "delete",
        selector: { keys: [first] },
        reason: "the cap is gone for good",
        override: true
      })
      if (planning._tag !== "Plan") return yield* Effect.die(planning)
      assert.deepStrictEqual(planning.plan.overridden, ["policy"])
      const writes = yield* world.writes
      const none = yield* world.sweepFor("os:ada", Settings.none)
      const error = yield* Effect.flip(none.apply(planning.plan, confirmed(planning.plan)))
      assert.isTrue(error._tag === "GateBlocked" && error.message.includes("policy"))
      assert.deepStrictEqual(yield* world.writes, writes)
      assert.strictEqual((yield* looser.apply(planning.plan, confirmed(planning.plan))).outcome, "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "each check alone blocks the run with exit code 3, and the override of that check lifts it, on record",
    () =>
      Effect.gen(function* () {
        const checks = ["cap", "live use", "unknown owner", "still stored", "not soaked", "no notice"] as const
        const world = yield* makeWorld({
          settings: settingsOf(`caps: { count: 1 }\nblock: [${checks.slice(1).join(", ")}]`)
        })
        for (const name of ["busy", "quiet"]) yield* world.create(name)
        yield* world.use("busy")
        const before = yield* world.writes
        const planned = (override: PlanRequest["override"]) =>
          world.planFor({
            action: "delete",
            selector: { keys: ["busy", "quiet"] },
            reason: "known",
            ...(override === undefined ? {} : { override })
          })
        for (const check of checks) {
          const plan = yield* planned(checks.filter((it) => it !== check))
          const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
          assert.isTrue(error._tag === "GateBlocked")
          if (error._tag !== "GateBlocked") return
          assert.deepStrictEqual(
            error.blocks.map((it) => it.check),
            [check]
          )
          assert.strictEqual(exitCodeOf(outcomeOfError(error)), 3)
        }
        assert.deepStrictEqual(yield* world.writes, before)
        const plan = yield* planned(true)
        assert.strictEqual((yield* world.sweep.apply(plan, confirmed(plan))).outcome, "done")
        const recorded = (yield* world.events).flatMap((event) => (event._tag === "Overridden" ? [event.check] : []))
        assert.sameMembers(recorded, [...checks])
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("a hold that is set before anything was read is heard", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      yield* world.sweep.hold({}, "wait for payroll")
      const plan = yield* world.planFor({ action: "disable", selector: { all: true } })
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.isTrue(error._tag === "GateBlocked" && error.message.includes("payroll"))
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "what blocks is in the plan, all at once; nobody is asked to confirm it, and apply names it again",
    () =>
      Effect.gen(function* () {
        const settings = settingsOf("approvals: { delete: 2 }\ncaps: { count: 1 }\nblock: [live use, not soaked]")
        const world = yield* makeWorld({ settings, beforeAnswer: Effect.die("somebody was asked") })
        const { keys } = yield* world.sweep.inventory
        const held = keys.find(({ name }) => name === "staging")?.id ?? (yield* Effect.die("no key"))
        yield* world.sweep.hold({ key: held }, "until Friday")
        const request = { action: "delete", selector: { all: true }, reason: "a test" } as const
        const plan = yield* world.planFor(request)
        const blocks = ["cap", "live use", "not soaked", "second person", "hold"]
        const blocking = (results: ReadonlyArray<{ readonly check: string; readonly result?: string }>) =>
          results.flatMap(({ check, result = "block" }) => (result === "block" ? [check] : []))
        assert.deepStrictEqual(blocking(plan.gate), blocks)
        assert.include(plan.gate.find(({ check }) => check === "hold")?.detail, "staging: until Friday")
        for (const refused of [
          Effect.asVoid(world.sweep.carryOut(request)),
          Effect.asVoid(world.sweep.apply(plan, confirmed(plan)))
        ]) {
          const error = yield* Effect.flip(refused)
          assert.isTrue(error._tag === "GateBlocked")
          if (error._tag === "GateBlocked") assert.deepStrictEqual(blocking(error.blocks), blocks)
        }
        const disable = yield* world.planFor({ action: "disable", selector: { keys: [held] } })
        assert.deepStrictEqual(blocking(disable.gate), ["hold"])
        assert.deepStrictEqual(yield* world.writes, [])
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("lifting `live use` covers the keys that were in use then, and none that is used since", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ settings: settingsOf("block: [live use]") })
      for (const name of ["known", "quiet"]) yield* world.create(name)
      yield* world.use("known")
      const request = { action: "delete", selector: { keys: ["known", "quiet"] } } as const
      const plan = yield* world.planFor({ ...request, override: true, reason: "known to be in use" })
      assert.deepStrictEqual(plan.overridden, ["live use"])
      yield* world.use("known")
      yield* world.use("quiet")
      const writes = yield* world.writes
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(error.message, "live use: used since this was overridden: quiet")
      assert.deepStrictEqual(yield* world.writes, writes)
      const again = yield* world.planFor({ ...request, override: true, reason: "both are known to be in use" })
      yield* world.use("quiet")
      assert.strictEqual((yield* world.sweep.apply(again, confirmed(again))).outcome, "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("what the settings call automatic is carried out without a question; anything else is asked", () =>
    Effect.gen(function* () {
      const settings = settingsOf("automatic: [{ action: disable, finding: no-expiry }]")
      const world = yield* makeWorld({ settings, beforeAnswer: Effect.die("somebody was asked") })
      const { keys } = yield* world.sweep.inventory
      const forever = keys.filter((key) => key.findings.includes("no-expiry") && key.state !== "disabled")
      const carried = yield* world.sweep.carryOut({
        action: "disable",
        selector: { keys: forever.map(({ id }) => id) },
        reason: "a test"
      })
      assert.isTrue(carried._tag === "Receipt" && carried.receipt.outcome === "done")
      const exit = yield* Effect.exit(
        world.sweep.carryOut({ action: "delete", selector: { keys: [keys[0]?.id ?? ""] }, reason: "a test" })
      )
      assert.strictEqual(exit._tag, "Failure")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I11: a confirmed reading is not gone by when another run has written since, even one that died", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const first = (yield* world.state)?.keys.find((key) => key.is_active === true)
      const name = String(first?.name)
      const { keys } = yield* world.sweep.inventory
      const id = keys.find((key) => key.name === name)?.id
      if (id === undefined) return yield* Effect.die("no key")
      const meanwhile = Effect.gen(function* () {
        const intent = { call: "toggle", key: id, wantActive: false } as const
        yield* world.sweep.books(Effect.flatMap(Log, (log) => log.append(CallIntended.make({ id: "call_x", intent }))))
        yield* world.onKey("toggle", name)
      })
      const asked = yield* world.sweepFor("os:bo", Settings.none, Effect.orDie(meanwhile))
      const error = yield* Effect.flip(asked.carryOut({ action: "delete", selector: { keys: [id] }, reason: "a test" }))
      assert.isTrue(error._tag === "PlanStale" && error.reason === "drift")
      assert.isTrue((yield* world.names).includes(name))
    }).pipe(Effect.provide(live))
  )
})
