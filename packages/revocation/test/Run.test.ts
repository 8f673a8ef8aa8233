import { assert, describe, it } from "@effect/vitest"
import { Backups } from "@keysweep/audit/Backup"
import { Log } from "@keysweep/audit/Log"
import { RunId } from "@keysweep/audit/RunId"
import { Effect, Either } from "effect"
import { parseSettings } from "../src/Settings.ts"
import { confirmed, live, makeWorld } from "./world.ts"

describe("Run", () => {
  it.scopedLive("deletes exactly the planned keys, with a backup first, and proves it in N + 2 requests", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const before = yield* world.names
      const [first = "", second = ""] = before
      const plan = yield* world.planFor({ action: "delete", selector: { keys: [first, second] }, reason: "test" })
      const requestsBefore = (yield* world.emulator.requests).length
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "done")
      assert.deepStrictEqual(yield* world.names, before.slice(2))
      assert.strictEqual((yield* world.emulator.requests).length - requestsBefore, plan.keys.length + 2)
      const tags = (yield* world.events).map((event) => event._tag)
      assert.isBelow(tags.indexOf("BackupTaken"), tags.indexOf("RunStarted"))
      assert.isBelow(tags.indexOf("RunStarted"), tags.indexOf("CallIntended"))
      assert.strictEqual(tags.filter((tag) => tag === "KeyRetired").length, 2)
      assert.strictEqual(tags.at(-1), "RunFinished")
      const verification = yield* world.sweep.books(Effect.flatMap(Log, (log) => log.verify(receipt.anchor ?? "")))
      assert.isTrue(verification.ok)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I2: delete-all is one request; a key made after the plan stops it with nothing deleted", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete-all" })
      assert.strictEqual(plan.method, "bulk")
      yield* world.create("newcomer")
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(error._tag, "PlanStale")
      assert.deepStrictEqual(yield* world.writes, ["POST /v1/auth/proxy/create"])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I2: delete-all leaves nothing, and the credit of every key returns", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const balance = (yield* world.state)?.balance ?? 0
      const plan = yield* world.planFor({ action: "delete-all", reason: "project end" })
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "done")
      assert.deepStrictEqual(yield* world.names, [])
      assert.deepStrictEqual(yield* world.writes, ["DELETE /v1/auth/proxy/delete"])
      assert.strictEqual(receipt.creditObserved, receipt.creditExpected)
      assert.closeTo((yield* world.state)?.balance ?? 0, balance + receipt.creditExpected / 1_000_000, 0.000_01)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I1, I9: where the backup cannot be written, nothing is sent", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
      yield* world.fs.makeDirectory(`${world.home}/accounts/${plan.account}`, { recursive: true })
      yield* world.fs.writeFileString(
        `${world.home}/accounts/${plan.account}/backups`,
        "a file where a folder should be"
      )
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(error._tag, "BackupUnavailable")
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I9: where the log cannot be written, nothing is sent", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
      yield* world.fs.makeDirectory(`${world.home}/accounts/${plan.account}`, { recursive: true })
      yield* world.fs.writeFileString(`${world.home}/accounts/${plan.account}/log`, "a file where a folder should be")
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(error._tag, "LogUnavailable")
      assert.deepStrictEqual(yield* world.writes, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I10: an upstream that says yes and keeps the key is unverified", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const [first = ""] = yield* world.names
      const plan = yield* world.planFor({ action: "delete", selector: { keys: [first] } })
      yield* world.emulator.faults([
        {
          match: { method: "POST", path: "/auth/proxy/remove" },
          kind: "status",
          status: 200,
          body: JSON.stringify({ message: "Proxy key deleted" })
        }
      ])
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "unverified")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I11: a plan runs once", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const [first = ""] = yield* world.names
      const plan = yield* world.planFor({ action: "disable", selector: { keys: [first] } })
      yield* world.sweep.apply(plan, confirmed(plan))
      const writes = yield* world.writes
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.isTrue(error._tag === "PlanStale" && error.reason === "used")
      assert.deepStrictEqual(yield* world.writes, writes)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I11: a key that was changed since refuses the plan and names the field", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const [first = ""] = yield* world.names
      const plan = yield* world.planFor({ action: "delete", selector: { keys: [first] } })
      const toggle = yield* world.planFor({
        action: plan.keys[0]?.settings.active === true ? "disable" : "enable",
        selector: { keys: [first] }
      })
      yield* world.sweep.apply(toggle, confirmed(toggle))
      const writes = yield* world.writes
      const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.isTrue(error._tag === "PlanStale" && error.reason === "drift")
      if (error._tag === "PlanStale") assert.match(error.drift[0]?.changes.join() ?? "", /^active/)
      assert.deepStrictEqual(yield* world.writes, writes)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I11: a plan of another account is refused before its log is touched", () =>
    Effect.gen(function* () {
      const one = yield* makeWorld()
      const two = yield* makeWorld()
      const plan = yield* one.planFor({ action: "delete", selector: { all: true } })
      const error = yield* Effect.flip(two.sweep.apply(plan, confirmed(plan)))
      assert.isTrue(error._tag === "PlanStale" && error.reason === "other account")
      assert.deepStrictEqual(yield* two.writes, [])
      assert.isFalse(yield* two.fs.exists(`${two.home}/accounts/${plan.account}`))
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I5: a lost reply is settled; every key is gone and none is called failed", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      yield* world.emulator.faults([
        { match: { method: "POST", path: "/auth/proxy/remove" }, kind: "drop-after", times: 1 },
        { match: { method: "POST", path: "/auth/proxy/remove" }, kind: "drop-before", times: 1 }
      ])
      const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "done")
      assert.isTrue(receipt.keys.every(({ outcome }) => outcome === "done"))
      assert.deepStrictEqual(yield* world.names, [])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I5: a lost reply to a toggle never leaves a key in the wrong state", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      yield* world.emulator.faults([
        { match: { method: "POST", path: "/auth/proxy/toggle" }, kind: "drop-after", times: 3 }
      ])
      const plan = yield* world.planFor({ action: "disable", selector: { all: true } })
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "done")
      assert.isTrue(((yield* world.state)?.keys ?? []).every((key) => key.is_active === false))
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a master key that is refused in the middle stops the run; what was done is told", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
      yield* world.emulator.faults([
        {
          match: { method: "POST", path: "/auth/proxy/remove" },
          kind: "status",
          status: 401,
          skip: 2,
          times: 100,
          body: "{}"
        }
      ])
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.outcome, "credentials")
      const outcomes = receipt.keys.map(({ outcome }) => outcome)
      assert.strictEqual(outcomes.filter((outcome) => outcome === "done").length, 2)
      assert.isTrue(outcomes.includes("skipped"))
      assert.isBelow((yield* world.writes).length, plan.keys.length)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I12: a key that was protected after the plan was made is skipped by the run", () =>
    Effect.gen(function* () {
      const settings = Either.getOrThrow(
        parseSettings("keysweep.yaml", "protected: [{ name: production-web, why: takes payments }]")
      )
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete-all" })
      const guarded = yield* world.sweepFor("os:ada", settings)
      const receipt = yield* guarded.apply(plan, confirmed(plan))
      assert.strictEqual(receipt.keys.find(({ name }) => name === "production-web")?.outcome, "skipped")
      assert.deepStrictEqual(yield* world.names, ["production-web"])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I8: neither plan, receipt, log, manifest nor any file of the home holds a secret", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete-all" })
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      const manifests = yield* world.sweep.books(Effect.flatMap(Backups, (backups) => backups.list))
      assert.strictEqual(manifests.length, 1)
      const files = yield* world.fs.readDirectory(world.home, { recursive: true })
      let texts = JSON.stringify([plan, receipt, manifests])
      for (const file of files) {
        const path = `${world.home}/${file}`
        if ((yield* world.fs.stat(path)).type === "File") texts += yield* world.fs.readFileString(path)
      }
      assert.notMatch(texts, /ek-/)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("undo enables exactly what the run disabled, and says so of what it cannot bring back", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const before = Object.fromEntries(((yield* world.state)?.keys ?? []).map((key) => [key.name, key.is_active]))
      const plan = yield* world.planFor({ action: "disable", selector: { all: true } })
      const receipt = yield* world.sweep.apply(plan, confirmed(plan))
      const undo = yield* world.planFor(yield* world.sweep.undo(RunId.make(receipt.run)))
      assert.strictEqual((yield* world.sweep.apply(undo, confirmed(undo))).outcome, "done")
      const after = Object.fromEntries(((yield* world.state)?.keys ?? []).map((key) => [key.name, key.is_active]))
      assert.deepStrictEqual(after, before)
      assert.isTrue(Object.values(before).includes(false))
      const gone = yield* world.planFor({ action: "delete", selector: { keys: [plan.keys[0]?.id ?? ""] } })
      const deletion = yield* world.sweep.apply(gone, confirmed(gone))
      const refused = yield* Effect.flip(world.sweep.undo(RunId.make(deletion.run)))
      assert.isTrue(refused._tag === "UndoRefused" && refused.deleted.length === 1)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I2: a key made between the run's reading and its last look stops a delete-all", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const plan = yield* world.planFor({ action: "delete-all" })
      yield* world.emulator.faults([
        { match: { method: "GET", path: "/auth/proxy" }, kind: "delay", ms: 3000, skip: 1, times: 1 }
      ])
      const lists = (yield* world.emulator.requests).filter(({ path }) => path.endsWith("/auth/proxy")).length
      const running = yield* Effect.fork(world.sweep.apply(plan, confirmed(plan)))
      yield* world.arrived("/auth/proxy", lists + 2)
      yield* world.create("newcomer")
      const receipt = yield* running
      assert.strictEqual(receipt.outcome, "stale")
      assert.include(yield* world.names, "newcomer")
      assert.strictEqual((yield* world.names).length, plan.keys.length + 1)
      assert.notInclude((yield* world.writes).join(), "DELETE")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("whoever holds a key, a plan or the account stops what names it, until the hold is lifted", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const [first = ""] = yield* world.names
      const plan = yield* world.planFor({ action: "disable", selector: { keys: [first] } })
      const [key] = plan.keys
      if (key === undefined) return yield* Effect.die("no key")
      for (const what of [{ key: key.id }, { plan: plan.hash }, {}]) {
        yield* world.sweep.hold(what, "payroll runs tonight")
        const error = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
        assert.isTrue(error._tag === "GateBlocked" && error.message.includes("payroll"))
        yield* world.sweep.liftHold(what, "it has run")
      }
      assert.deepStrictEqual(yield* world.writes, [])
      assert.strictEqual((yield* world.sweep.apply(plan, confirmed(plan))).outcome, "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a second person's approval is needed where the settings say so, and nobody approves themselves", () =>
    Effect.gen(function* () {
      const settings = Either.getOrThrow(
        parseSettings(
          "keysweep.yaml",
          "people: [{ name: Ada, slack: U1, github: ada }, { name: Bo, slack: U2 }]\napprovals: { delete: 1 }"
        )
      )
      const world = yield* makeWorld({ settings, actor: "slack:U1" })
      const requester = { name: "slack:U1", authenticated: true }
      const [first = ""] = yield* world.names
      const plan = yield* world.planFor({ action: "delete", selector: { keys: [first] } })
      const blocked = yield* Effect.flip(world.sweep.apply(plan, confirmed(plan)))
      assert.strictEqual(blocked._tag, "GateBlocked")
      for (const [actor, reason] of [
        ["slack:U1", "own request"],
        ["github:ada", "own request"],
        ["slack:U9", "unknown person"]
      ] as const) {
        const other = yield* world.sweepFor(actor)
        const error = yield* Effect.flip(other.approve(plan, requester))
        assert.isTrue(error._tag === "ApprovalRefused" && error.reason === reason, actor)
      }
      assert.deepStrictEqual(yield* world.writes, [])
      const bo = yield* world.sweepFor("slack:U2")
      assert.deepStrictEqual((yield* bo.approve(plan, requester)).given, ["Bo"])
      assert.strictEqual((yield* world.sweep.apply(plan, confirmed(plan))).outcome, "done")
      const refused = (yield* world.events).filter((event) => event._tag === "ApprovalRefused")
      assert.strictEqual(refused.length, 3)
    }).pipe(Effect.provide(live))
  )
})
