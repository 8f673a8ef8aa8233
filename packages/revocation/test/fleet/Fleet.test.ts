import { assert, describe, it } from "@effect/vitest"
import { FileSystem } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { Operator } from "@keysweep/audit/Actor"
import { Emulator } from "@keysweep/emulator/Emulator"
import { Array, Effect, Either, Fiber, Layer, Redacted, Ref, Schedule } from "effect"
import { createServer, type Server } from "node:net"
import { Confirmation } from "../../src/Confirmation.ts"
import { across, labelsOf, worstOf } from "../../src/fleet/Fleet.ts"
import { type Open, carryOutAcross, panicAcross } from "../../src/fleet/FleetRun.ts"
import { leakOf } from "../../src/leak/Leak.ts"
import { Outcome } from "../../src/Outcome.ts"
import { Progress } from "../../src/Progress.ts"
import { parseSettings, Settings } from "../../src/Settings.ts"
import { Sweep } from "../../src/Sweep.ts"
import { outcomeOfError, type SweepError } from "../../src/SweepError.ts"
import * as SweepFiles from "../../src/SweepFiles.ts"
import { live } from "../world.ts"

const timeScale = 600
const masterKeyOf = (label: string) => `ek-master-of-${label}-0123456789`

/** The URL of an upstream that takes every connection and answers nothing. */
const silence = Effect.acquireRelease(
  Effect.async<Server>((resume) => {
    const server = createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.sync(() => server.close())
).pipe(
  Effect.map((server) => {
    const address = server.address()
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}/v1`
  })
)

/** One emulator with an account for each label, three keys each, and one home. */
const makeFleet = (labels: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const home = yield* fs.makeTempDirectoryScoped({ prefix: "keysweep-" })
    const accounts = labels.map((label) => ({
      apiKey: masterKeyOf(label),
      label,
      plan: "enterprise" as const,
      balance: 100,
      keys: [1, 2, 3].map((number) => ({
        name: `key-${number}`,
        key: `ek-proxy-${label}-${number}-0123456789`,
        allocated_ammount: 1
      }))
    }))
    const [first, ...others] = accounts
    if (first === undefined) return yield* Effect.dieMessage("a fleet has accounts")
    const emulator = yield* Emulator.start({ rpm: 5, timeScale, seed: { accounts: [first, ...others] } })
    const silent = yield* silence
    const open: Open<SweepError, never> = (label, use) =>
      Effect.flatMap(Sweep, use).pipe(
        Effect.provide(
          Sweep.layer.pipe(
            Layer.provide(
              SweepFiles.layer({
                account: {
                  masterKey: Redacted.make(masterKeyOf(label)),
                  baseUrl: label.startsWith("stuck") ? silent : emulator.url,
                  timeScale
                },
                home,
                userAgent: "keysweep/test"
              })
            ),
            Layer.provide(NodeHttpClient.layer),
            Layer.provide(
              Layer.mergeAll(
                Settings.layerNone,
                Confirmation.layerNobody,
                Progress.layerSilent,
                Layer.succeed(Operator, { actor: { name: "os:ada", authenticated: true }, surface: "library" })
              )
            )
          )
        )
      )
    const active = Effect.map(emulator.state, ({ accounts }) =>
      Object.fromEntries(accounts.map(({ keys, label }) => [label, keys.filter((key) => key.is_active).length]))
    )
    const refused = Effect.map(emulator.requests, (all) => all.filter(({ status }) => status === 429).length)
    return { active, emulator, open, refused }
  })

const outcomes = (
  ended: ReadonlyArray<{ readonly label: string; readonly result: Either.Either<unknown, SweepError> }>
) => Object.fromEntries(ended.map(({ label, result }) => [label, Either.isLeft(result) ? result.left._tag : "done"]))

const disableAll = { action: "disable", selector: { all: true }, reason: "test" } as const

describe("Fleet", () => {
  it.scopedLive("I7: runs on every account within its own limit; one account's failure is its own", () =>
    Effect.gen(function* () {
      const fleet = yield* makeFleet(["one", "two", "three"])
      yield* fleet.open("two", (sweep) => sweep.hold({}, "payroll runs tonight"))
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      const ended = yield* carryOutAcross(["one", "two", "three", "gone"], fleet.open, disableAll, (plans, phrase) =>
        Effect.as(Ref.set(asked, [phrase, ...plans.map(({ label }) => label)]), phrase)
      )
      assert.deepStrictEqual(yield* Ref.get(asked), ["disable 6 one,three", "one", "three"])
      assert.deepStrictEqual(outcomes(ended), { one: "done", two: "GateBlocked", three: "done", gone: "Unauthorized" })
      assert.deepStrictEqual(yield* fleet.active, { one: 0, two: 3, three: 0 })
      assert.strictEqual(yield* fleet.refused, 0)
      const all = ended.map(({ result }) => (Either.isLeft(result) ? outcomeOfError(result.left) : "done"))
      assert.strictEqual(worstOf(all), "credentials")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "more accounts than work at once: those that are stuck keep no other waiting, and an interruption ends all",
    () =>
      Effect.gen(function* () {
        const labels = Array.makeBy(12, (at) => `one-${at}`)
        const stuck = Array.makeBy(9, (at) => `stuck-${at}`)
        const fleet = yield* makeFleet(labels)
        const disable = (label: string) =>
          fleet.open(label, (sweep) =>
            Effect.flatMap(sweep.plan(disableAll), (planning) =>
              planning._tag === "Plan"
                ? sweep.apply(planning.plan, { plan: planning.plan.hash, how: "hash" })
                : Effect.void
            )
          )
        const all = yield* Effect.fork(across([...stuck, ...labels], disable))
        const none = Object.fromEntries(labels.map((label) => [label, 0]))
        yield* fleet.active.pipe(
          Effect.repeat(
            Schedule.recurUntil<Record<string, number>>((active) =>
              Object.values(active).every((count) => count === 0)
            ).pipe(Schedule.addDelay(() => "50 millis"))
          )
        )
        assert.deepStrictEqual(yield* fleet.active, none)
        assert.strictEqual(yield* fleet.refused, 0)
        yield* Fiber.interrupt(all)
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("the one confirmation names every account; without it nothing is changed on any", () =>
    Effect.gen(function* () {
      const fleet = yield* makeFleet(["one", "two"])
      const partly = carryOutAcross(["one", "two"], fleet.open, disableAll, () => Effect.succeed("disable 6 one"))
      assert.strictEqual((yield* Effect.flip(partly))._tag, "ConfirmationRefused")
      assert.deepStrictEqual(yield* fleet.active, { one: 3, two: 3 })
      const plans = yield* across(["one", "two"], (label) => fleet.open(label, (sweep) => sweep.plan(disableAll)))
      const [one] = plans.map(({ result }) => Either.getOrThrow(result))
      if (one?._tag !== "Plan") return assert.fail()
      const confirmed = { plan: one.plan.hash, how: "hash" as const }
      const stranger = yield* Effect.flip(fleet.open("two", (sweep) => sweep.apply(one.plan, confirmed)))
      assert.isTrue(stranger._tag === "PlanStale" && stranger.reason === "other account")
      assert.deepStrictEqual(yield* fleet.active, { one: 3, two: 3 })
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("what is deleted after a soak is confirmed as a deletion", () =>
    Effect.gen(function* () {
      const fleet = yield* makeFleet(["one", "two"])
      const request = { ...disableAll, thenDelete: { after: null } }
      const asked = yield* Ref.make<ReadonlyArray<string>>([])
      const declining = carryOutAcross(["one", "two"], fleet.open, request, (_, phrase) =>
        Effect.as(Ref.update(asked, Array.append(phrase)), "disable 6 one,two")
      )
      assert.isTrue(Either.isLeft(yield* Effect.either(declining)))
      assert.deepStrictEqual([...new Set(yield* Ref.get(asked))], ["delete 6 one,two"])
      assert.deepStrictEqual(yield* fleet.active, { one: 3, two: 3 })
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("that one account's master key has leaked is not lost beside another one's leaked key", () =>
    Effect.gen(function* () {
      const fleet = yield* makeFleet(["one", "two"])
      const found = leakOf(["ek-proxy-one-1-0123456789"], { source: "github" })
      const master = leakOf([masterKeyOf("two")], { source: "github" })
      const leaks = [found, master].flatMap((leak) => leak ?? [])
      const request = { action: "disable", leaks, reason: "leak" } as const
      const ended = yield* carryOutAcross(["one", "two"], fleet.open, request, (_, phrase) => Effect.succeed(phrase))
      assert.deepStrictEqual(outcomes(ended), { one: "done", two: "SelectionRefused" })
      assert.deepStrictEqual(yield* fleet.active, { one: 2, two: 3 })
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("panic goes the way that was typed, on all of them, after one question", () =>
    Effect.gen(function* () {
      const fleet = yield* makeFleet(["one", "two"])
      const options = { reason: null, home: "/nowhere", onTrouble: () => Effect.void }
      const ended = yield* panicAcross(["one", "two"], fleet.open, options, ({ disable }) => Effect.succeed(disable))
      assert.deepStrictEqual(
        ended.map(({ result }) => Either.getOrThrow(result).outcome),
        ["done", "done"]
      )
      assert.deepStrictEqual(yield* fleet.active, { one: 0, two: 0 })
    }).pipe(Effect.provide(live))
  )

  it("I3: which accounts is said by labels that exist, or by all; nobody is never everybody", () => {
    const settings = Either.getOrThrow(
      parseSettings("f", "accounts: [{ label: one, keyFrom: A }, { label: two, keyFrom: B }]")
    )
    assert.deepStrictEqual(labelsOf(settings, "all"), Either.right(["one", "two"]))
    assert.deepStrictEqual(labelsOf(settings, ["two", " one", "two"]), Either.right(["two", "one"]))
    for (const asked of [[], ["", " "], ["one", "tow"]]) assert.isTrue(Either.isLeft(labelsOf(settings, asked)))
    assert.isTrue(Either.isLeft(labelsOf(Settings.none, "all")))
  })

  it("the outcome of all is the worst of each, and of none is nothing", () => {
    assert.strictEqual(worstOf([]), "nothing")
    assert.strictEqual(worstOf(["done", "unverified", "failed", "refused"]), "unverified")
    for (const outcome of Outcome.literals) assert.strictEqual(worstOf(["nothing", outcome]), outcome)
  })
})
