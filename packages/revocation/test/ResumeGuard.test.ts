import { assert, describe, it } from "@effect/vitest"
import { Backups } from "@keysweep/audit/Backup"
import { RunId } from "@keysweep/audit/RunId"
import { Effect, Either } from "effect"
import { Progress } from "../src/Progress.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { confirmed, live, makeWorld, type WorldOptions } from "./world.ts"

const remove = { method: "POST", path: "/auth/proxy/remove" }

/** A deletion of every key, one by one, that a refused master key has ended after the first. */
const cutOff = (options: WorldOptions = {}) =>
  Effect.gen(function* () {
    const world = yield* makeWorld(options)
    const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
    yield* world.emulator.faults([{ match: remove, kind: "status", status: 401, body: "{}", skip: 1, times: 100 }])
    const receipt = yield* world.sweep.apply(plan, confirmed(plan))
    assert.strictEqual(receipt.outcome, "credentials")
    yield* world.emulator.faults([])
    const left = receipt.keys.filter(({ outcome }) => outcome !== "done")
    return { world, run: RunId.make(receipt.run), left, receipt, writes: yield* world.writes }
  })

const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))

describe("A resumed run", () => {
  it.scopedLive("I12: leaves alone what is protected by now", () =>
    Effect.gen(function* () {
      const { left, run, world } = yield* cutOff()
      const [one] = left
      const guarded = yield* world.sweepFor(
        "os:ada",
        settingsOf(`protected: [{ key: ${one?.id ?? ""}, why: payroll }]`)
      )
      const receipt = yield* guarded.resume(run)
      assert.strictEqual(receipt.outcome, "partial")
      assert.deepStrictEqual(
        receipt.keys.filter(({ outcome }) => outcome === "skipped").map(({ detail, id }) => [id, detail]),
        [[one?.id, "protected: payroll"]]
      )
      assert.deepStrictEqual(yield* world.names, [one?.name ?? ""])
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("is stopped by a hold of a key that is left, of its plan, and of the account", () =>
    Effect.gen(function* () {
      const { left, receipt, run, world, writes } = yield* cutOff()
      for (const what of [left[0] === undefined ? {} : { key: left[0].id }, { plan: receipt.plan }, {}]) {
        yield* world.sweep.hold(what, "payroll runs tonight")
        const error = yield* Effect.flip(world.sweep.resume(run))
        assert.isTrue(error._tag === "GateBlocked" && error.message.includes("payroll"))
        yield* world.sweep.liftHold(what, "it has run")
      }
      assert.deepStrictEqual(yield* world.writes, writes)
      assert.strictEqual((yield* world.sweep.resume(run)).outcome, "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("does not go on without the settings that it began under", () =>
    Effect.gen(function* () {
      const { run, world, writes } = yield* cutOff({ settings: settingsOf("protected: [{ name: production-web }]") })
      const loose = yield* world.sweepFor("os:ada", Settings.none)
      const error = yield* Effect.flip(loose.resume(run))
      assert.isTrue(error._tag === "GateBlocked" && error.message.includes("policy"))
      assert.deepStrictEqual(yield* world.writes, writes)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("does not go on in another workflow than it began in, where the settings say so", () =>
    Effect.gen(function* () {
      const settings = settingsOf("origin: repository")
      const origin = { repository: "alice/keys", ref: "refs/heads/main" }
      const { run, world, writes } = yield* cutOff({ settings, origin })
      const there = (repository: string) =>
        world.sweepFor("os:ada", settings, Effect.void, Progress.layerSilent, undefined, { ...origin, repository })
      const error = yield* Effect.flip((yield* there("mallory/keys")).resume(run))
      assert.isTrue(error._tag === "GateBlocked" && error.message.includes("made in alice/keys"))
      assert.deepStrictEqual(yield* world.writes, writes)
      assert.strictEqual((yield* (yield* there("alice/keys")).resume(run)).outcome, "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I10: settles nothing by a list that could not be read whole", () =>
    Effect.gen(function* () {
      const { run, world, writes } = yield* cutOff()
      const before = (yield* world.events).length
      yield* world.emulator.faults([
        { match: { method: "GET", path: "/auth/proxy" }, kind: "status", status: 200, body: "[{}]", times: 9 }
      ])
      assert.strictEqual((yield* Effect.flip(world.sweep.resume(run)))._tag, "InventoryPartial")
      assert.lengthOf(yield* world.events, before)
      assert.deepStrictEqual(yield* world.writes, writes)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I1: takes a new backup where the one on record was replaced by another that is sound", () =>
    Effect.gen(function* () {
      const { receipt, run, world } = yield* cutOff()
      yield* world.sweep.backup
      const manifests = yield* world.sweep.books(Effect.flatMap(Backups, (backups) => backups.list))
      const other = manifests.find(({ id }) => id !== receipt.backup)
      if (other === undefined) return yield* Effect.die("no other backup")
      const folder = `${world.home}/accounts/${other.account}/backups`
      for (const name of yield* world.fs.readDirectory(folder)) {
        if (!name.includes(other.id)) continue
        const to = `${folder}/${name.replace(other.id, receipt.backup)}`
        const bytes = yield* world.fs.readFile(`${folder}/${name}`)
        const renamed = Buffer.from(bytes).toString("latin1").replaceAll(other.id, receipt.backup)
        yield* world.fs.writeFile(to, Buffer.from(renamed, "latin1"))
      }
      const verify = world.sweep.books(Effect.flatMap(Backups, (backups) => backups.verify(receipt.backup)))
      assert.strictEqual((yield* verify).sha256, other.sha256)
      const resumed = yield* world.sweep.resume(run)
      assert.strictEqual(resumed.outcome, "done")
      assert.notStrictEqual(resumed.backup, receipt.backup)
    }).pipe(Effect.provide(live))
  )
})
