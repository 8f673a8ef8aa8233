import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Either } from "effect"
import { parseSettings, Settings } from "../../src/Settings.ts"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

const all = { action: "rotate", selector: { all: true }, reason: "a test" } as const

const withKeys = (count: number, more: object = {}, emulator: object = {}, settings = Settings.none) =>
  Effect.gen(function* () {
    const world = yield* makeReplaceWorld({ settings, emulator: { seed: "empty", plan: "free", ...emulator } })
    for (let n = 0; n < count; n++) {
      yield* world.post("auth/proxy/create", { name: `app-${n}`, expires_at: -1, allocated_ammount: 3, ...more })
    }
    return world
  })

describe("Rotate", () => {
  it.scopedLive(
    "the old key is disabled only after the new one has its value in its place, and deleted after its soak",
    () =>
      Effect.gen(function* () {
        const world = yield* withKeys(2)
        const olds = yield* world.keys
        yield* world.fs.writeFileString(world.env, "# ours\n", { mode: 0o640 })
        const one = (name: string, soak: Duration.Duration) =>
          world.carryOut({ action: "rotate", selector: { keys: [name] }, soak })
        const { receipt } = yield* one("app-0", Duration.days(60))
        assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
        assert.isNotNull(receipt.deletesAt)
        assert.match(receipt.keys[0]?.delivered.join() ?? "", /#APP_0 \(read back; its mode was 0640, and is now 0600/)
        const tags = (yield* world.events).map((event) => event._tag)
        const order = [
          "RunStarted",
          "KeyCreated",
          "ValueDelivered",
          "KeyValidated",
          "KeyRetired",
          "SoakStarted",
          "RunFinished"
        ] as const
        const places = order.map((tag) => tags.indexOf(tag))
        assert.deepStrictEqual(
          places,
          [...places].sort((a, b) => a - b)
        )
        assert.notInclude(places, -1)
        assert.strictEqual((yield* one("app-1", Duration.zero)).receipt.outcome, "done")
        const due = yield* world.sweep.runDue
        assert.deepStrictEqual(
          due.receipts.map(({ keys, outcome }) => [outcome, ...keys.map(({ name }) => name)]),
          [["done", "app-1"]]
        )
        const left = yield* world.keys
        const stored = yield* world.stored
        assert.deepStrictEqual(
          left.map(({ is_active, key }) => [key, is_active]),
          [
            [olds[0]?.key, false],
            [stored["APP_0"], true],
            [stored["APP_1"], true]
          ]
        )
      }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "C36: a sink that fails stops the run before any old key is touched, and names the orphan and the way out",
    () =>
      Effect.gen(function* () {
        const world = yield* withKeys(2)
        const fails = sinkOf(`command:${JSON.stringify([process.execPath, "-e", "process.exit(3)"])}`)
        const good = sinkOf(`dotenv:${world.env}`)
        const shared = yield* Effect.flip(
          Effect.flatMap(world.replacements, (it) => it.plan({ ...all, sinks: [fails] }))
        )
        assert.match(shared.message, /same place/)
        const { receipt } = yield* world.carryOut({ ...all, selector: { keys: ["app-0"] }, sinks: [good, fails] })
        assert.strictEqual(receipt.outcome, "failed")
        const [only] = receipt.keys
        assert.match(
          only?.detail ?? "",
          /ended with 3.*only dotenv.*old key was not touched.*keysweep delete --key kf_/
        )
        const keys = yield* world.keys
        assert.lengthOf(keys, 3)
        assert.isTrue(keys.every((key) => key.is_active))
        assert.strictEqual((yield* world.stored)["APP_0"], keys[2]?.key)
      }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "C36: no old key is touched while one value is missing; mended and resumed, it goes on from there",
    () =>
      Effect.gen(function* () {
        const world = yield* withKeys(2)
        const script = `const fs = require("fs"); fs.readFileSync(0); process.exit(process.argv[1] === "APP_1" && !fs.existsSync(process.argv[2]) ? 3 : 0)`
        const picky = sinkOf(
          `command:${JSON.stringify([process.execPath, "-e", script, "{NAME}", `${world.home}/mended`])}`
        )
        const { receipt } = yield* world.carryOut({ ...all, sinks: [sinkOf(`dotenv:${world.env}`), picky] })
        assert.deepStrictEqual(
          [receipt.outcome, ...receipt.keys.map(({ outcome }) => outcome)],
          ["failed", "skipped", "failed"]
        )
        const before = yield* world.keys
        assert.deepStrictEqual(
          before.map((key) => key.is_active),
          [true, true, true, true]
        )
        yield* world.fs.writeFileString(`${world.home}/mended`, "")
        const resumed = yield* Effect.flatMap(world.replacements, (it) => it.resume(null))
        assert.strictEqual(resumed.outcome, "done", JSON.stringify(resumed))
        assert.deepStrictEqual(
          (yield* world.keys).map((key) => [key.key, key.is_active]),
          before.map(({ key }, at) => [key, at > 1])
        )
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("a resume makes no new key for one that somebody has disabled meanwhile", () =>
    Effect.gen(function* () {
      const world = yield* withKeys(2)
      const script = `const fs = require("fs"); fs.readFileSync(0); process.exit(fs.existsSync(process.argv[2]) ? 0 : 3)`
      const argv = [process.execPath, "-e", script, "{NAME}", `${world.home}/mended`]
      yield* world.carryOut({ ...all, sinks: [sinkOf(`command:${JSON.stringify(argv)}`)] })
      const plan = yield* world.planFor({ action: "disable", selector: { keys: ["app-1"] } })
      yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })
      yield* world.fs.writeFileString(`${world.home}/mended`, "")
      const resumed = yield* Effect.flatMap(world.replacements, (it) => it.resume(null))
      assert.match(resumed.keys[1]?.detail ?? "", /disabled since it was planned; no new key was made/)
      assert.deepStrictEqual(
        (yield* world.keys).map((key) => key.is_active),
        [false, false, true]
      )
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "use is read anew: an old key that is used though the new one works is named, and its deletion blocks where settings say so",
    () =>
      Effect.gen(function* () {
        const settings = Either.getOrThrow(parseSettings("keysweep.yaml", "block: [live use]"))
        const world: Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>> = yield* makeReplaceWorld({
          settings,
          emulator: { seed: "empty" },
          onProgress: (event) =>
            event._tag === "Key" && event.detail === "made" ? Effect.suspend(() => use) : Effect.void
        })
        yield* world.create("app")
        // The upstream tells whole seconds: five later is later than whatever was before.
        const use: Effect.Effect<void> = Effect.zipRight(world.emulator.advance(5_000), world.use("app"))
        const { plan, receipt } = yield* world.carryOut({ ...all, soak: Duration.zero })
        assert.deepInclude(
          plan.gate.find(({ check }) => check === "live use"),
          { result: "pass" }
        )
        assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
        assert.match(receipt.keys[0]?.detail ?? "", /^the old key was used at .* needs the new value$/)
        const due = yield* world.sweep.runDue
        assert.deepStrictEqual(due.receipts, [])
        assert.match(due.waiting[0]?.why ?? "", /live use: 1 of 1 used in the last/)
        assert.lengthOf(yield* world.keys, 2)
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("C36: a new key that the upstream does not take ends the run before any old key is touched", () =>
    Effect.gen(function* () {
      const world = yield* withKeys(1)
      const body = '{"error":{"message":"Invalid key"}}'
      const match = { method: "*", path: "/auth/proxy/validate" }
      yield* world.emulator.faults([{ match, kind: "status", status: 401, body }])
      const { receipt } = yield* world.carryOut(all)
      assert.strictEqual(receipt.outcome, "failed")
      assert.match(receipt.keys[0]?.detail ?? "", /does not work.*old key was not touched/)
      assert.deepStrictEqual(
        (yield* world.keys).map((key) => key.is_active),
        [true, true]
      )
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a plan whose values go to a terminal is refused where there is none, before a key is made", () =>
    Effect.gen(function* () {
      const world = yield* withKeys(1)
      const sinks = [sinkOf(`dotenv:${world.env}`), sinkOf("terminal")]
      const refused = yield* Effect.flip(world.carryOut({ ...all, sinks }))
      assert.strictEqual(refused._tag, "ReplaceRefused")
      assert.match(refused.message, /terminal: there is no terminal here.*Nothing was changed/)
      assert.lengthOf(yield* world.keys, 1)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "C39: at the key cap a rotation goes in batches, and with no room at all it is refused before any request",
    () =>
      Effect.gen(function* () {
        const world = yield* withKeys(9)
        const it = yield* world.replacements
        const planning = yield* it.plan({ ...all, sinks: [sinkOf(`dotenv:${world.env}`)] })
        if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
        assert.lengthOf(planning.plan.keys, 1)
        assert.lengthOf(planning.plan.skipped, 8)
        yield* world.create("tenth")
        const refused = yield* Effect.flip(it.apply(planning.plan, { plan: planning.plan.hash, how: "hash" }))
        assert.match(refused.message, /key room: 10 of 10 keys/)
        assert.lengthOf(yield* world.keys, 10)
      }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "a new key's limit type is set before anybody has its value, and stays when its credit is lowered",
    () =>
      Effect.gen(function* () {
        const world: Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>> = yield* makeReplaceWorld({
          emulator: { seed: "empty", showLimitType: "always", chatPrice: 0.25 },
          onProgress: (event) =>
            event._tag === "Key" && event.detail === "made" ? Effect.suspend(() => world.use("app")) : Effect.void
        })
        yield* world.create("app")
        const { receipt } = yield* world.carryOut({ ...all, limitType: "monthly" })
        assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
        assert.deepStrictEqual(
          (yield* world.keys).map((key) => [key.limit_type, key.allocated_ammount]),
          [
            ["daily", 1],
            ["monthly", 0.75]
          ]
        )
        const steps = (yield* world.events).map((event) =>
          event._tag === "CallIntended" ? event.intent.call : event._tag
        )
        const updates = steps.flatMap((step, at) => (step === "update" ? [at] : []))
        assert.lengthOf(updates, 2)
        assert.isBelow(updates[0] ?? 0, steps.indexOf("ValueDelivered"))
      }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "the approvals that settings ask for are those of the rotation's own plan, before it and for the deletion of the old keys",
    () =>
      Effect.gen(function* () {
        const settings = Either.getOrThrow(
          parseSettings(
            "keysweep.yaml",
            "people: [{ name: Ada, os: ada }, { name: Bo, slack: U2 }]\napprovals: { delete: 1 }"
          )
        )
        const world = yield* withKeys(2, {}, {}, settings)
        const bo = yield* world.sweepFor("slack:U2")
        const rotate = (name: string, approved: boolean) =>
          Effect.gen(function* () {
            const it = yield* world.replacements
            const sinks = [sinkOf(`dotenv:${world.env}`)]
            const planning = yield* it.plan({ ...all, selector: { keys: [name] }, sinks, soak: Duration.zero })
            if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
            const { plan } = planning
            if (approved) {
              const state = yield* bo.approve(plan, { name: "os:ada", authenticated: true })
              assert.deepStrictEqual(state, { required: 1, given: ["Bo"] })
            }
            return yield* it.apply(plan, { plan: plan.hash, how: "hash" })
          })
        const blocked = yield* Effect.flip(rotate("app-0", false))
        assert.match(blocked.message, /second person: 0 of 1/)
        assert.strictEqual((yield* rotate("app-1", true)).outcome, "done")
        const due = yield* world.sweep.runDue
        assert.deepStrictEqual(
          due.receipts.map(({ keys, outcome }) => [outcome, ...keys.map(({ name }) => name)]),
          [["done", "app-1"]]
        )
        assert.deepStrictEqual(due.waiting, [])
      }).pipe(Effect.provide(live))
  )
})
