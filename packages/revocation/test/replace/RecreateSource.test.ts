import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Redacted } from "effect"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

const all = { action: "recreate", selector: { all: true }, reason: "a test" } as const

type World = Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>>

const deleted = (world: World) =>
  Effect.gen(function* () {
    const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
    const receipt = yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })
    assert.strictEqual(receipt.outcome, "done")
    return receipt
  })

const planned = (world: World, more: object = {}) =>
  Effect.flatMap(world.replacements, (it) => it.plan({ ...all, sinks: [sinkOf(`dotenv:${world.env}`)], ...more }))

/** The same, so much later. */
const later =
  (time: Duration.Duration) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.clockWith((clock) => {
      const shifted: Clock.Clock = Object.create(clock, {
        unsafeCurrentTimeMillis: { value: () => clock.unsafeCurrentTimeMillis() + Duration.toMillis(time) },
        currentTimeMillis: { value: Effect.map(clock.currentTimeMillis, (now) => now + Duration.toMillis(time)) }
      })
      return Effect.withClock(effect, shifted)
    })

describe("What is made again", () => {
  it.scopedLive("what a key had left, unless all that it once had is asked for; the plan says what cannot be set", () =>
    Effect.gen(function* () {
      const world = yield* makeReplaceWorld({ emulator: { seed: "empty", chatPrice: 0.25 } })
      yield* world.create("app")
      yield* world.use("app")
      yield* deleted(world)
      const original = yield* planned(world, { credit: "original" })
      if (original._tag === "Nothing") return yield* Effect.dieMessage(original.detail)
      assert.strictEqual(original.plan.values.needs, 1_000_000)
      const { plan, receipt } = yield* world.carryOut(all)
      assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
      assert.deepStrictEqual(
        (yield* world.keys).map((key) => key.allocated_ammount),
        [0.75]
      )
      const lost = plan.values.lost.join("\n")
      assert.match(lost, /^limit_type: .*daily.*--limit-type/)
      assert.match(lost, /^used credit: 1 key of these had spent some; the new ones begin at 0/m)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("an expired key is left out, and so is one that had nothing left", () =>
    Effect.gen(function* () {
      const world = yield* makeReplaceWorld({ emulator: { seed: "empty", chatPrice: 1 } })
      const now = yield* Clock.currentTimeMillis
      yield* world.post("auth/proxy/create", {
        name: "short",
        expires_at: Math.floor(now / 1000) + 3600,
        allocated_ammount: 1
      })
      for (const name of ["empty", "good"]) yield* world.create(name)
      yield* world.use("empty")
      yield* deleted(world)
      const planning = yield* later(Duration.hours(2))(planned(world))
      if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
      assert.deepStrictEqual(
        [planning.plan.keys.map(({ name }) => name), planning.plan.skipped.map(({ name, reason }) => [name, reason])],
        [
          ["good"],
          [
            ["empty", "it has no credit left"],
            ["short", "expired"]
          ]
        ]
      )
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("nothing where the balance does not hold what the new keys are to spend", () =>
    Effect.gen(function* () {
      const world = yield* makeReplaceWorld({
        emulator: { seed: { accounts: [{ apiKey: "ek-poor-master-key", plan: "free", balance: 5, keys: [] }] } }
      })
      yield* world.post("auth/proxy/create", { name: "app", expires_at: -1, allocated_ammount: 4 })
      yield* deleted(world)
      yield* world.post("auth/proxy/create", { name: "other", expires_at: -1, allocated_ammount: 4 })
      const refused = yield* Effect.flip(world.carryOut(all))
      assert.match(refused.message, /balance: the balance is 1 credits, and the new keys are to have 4/)
      assert.lengthOf(yield* world.keys, 1)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("nothing from a backup of another account, whoever can open it and whatever its manifest says", () =>
    Effect.gen(function* () {
      const [theirs, ours] = [
        yield* makeReplaceWorld({ emulator: { seed: "empty" } }),
        yield* makeReplaceWorld({ emulator: { seed: "empty" } })
      ]
      for (const world of [theirs, ours]) {
        yield* world.create("app")
        yield* deleted(world)
      }
      const { fs } = ours
      const [backup = ""] = (yield* theirs.events).flatMap((event) =>
        event._tag === "BackupTaken" ? [event.backup] : []
      )
      const [from, to] = [yield* theirs.sweep.account, yield* ours.sweep.account]
      const [there, here] = [`${theirs.home}/accounts/${from}/backups`, `${ours.home}/accounts/${to}/backups`]
      yield* fs.copyFile(`${there}/${backup}.age`, `${here}/${backup}.age`)
      const [line = ""] = (yield* fs.readFileString(`${theirs.home}/identity.txt`)).match(/^AGE-SECRET-KEY-.*$/m) ?? []
      const identity = Redacted.make(line)
      const manifest = yield* fs.readFileString(`${there}/${backup}.json`)
      for (const [text, says] of [
        [manifest, /its manifest is of another backup/],
        [manifest.replaceAll(from, to), /is of another account; nothing was changed/]
      ] as const) {
        yield* fs.writeFileString(`${here}/${backup}.json`, text)
        const refused = yield* Effect.flip(planned(ours, { from: { backup, identity } }))
        assert.strictEqual(refused._tag, "ReplaceRefused")
        assert.match(refused.message, says)
      }
      assert.lengthOf(yield* ours.keys, 0)
    }).pipe(Effect.provide(live))
  )
})
