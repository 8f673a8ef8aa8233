import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Redacted } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { leakOf, type LeakOrigin } from "../../src/leak/Leak.ts"
import { parseSettings } from "../../src/Settings.ts"
import { confirmed, live, makeWorld, type WorldOptions } from "../world.ts"

const foreign = "ek-proxy-ffffffffffffffff"

const inFile = (path: string): LeakOrigin => ({ source: "trufflehog", detector: "electronhub", place: path })

const leaksOf = (values: ReadonlyArray<string>, origin = inFile("app/.env:3")) =>
  values.flatMap((value) => leakOf([value], origin) ?? [])

const makeLeak = (options: WorldOptions = {}) =>
  Effect.gen(function* () {
    const world = yield* makeWorld(options)
    const keys = (yield* world.state)?.keys ?? []
    const valueOf = (name: string) => String(keys.find((key) => key.name === name)?.key)
    const active = Effect.map(world.state, (account) =>
      (account?.keys ?? []).filter((key) => key.is_active).map(({ name }) => String(name))
    )
    const paths = Effect.map(world.emulator.requests, (requests) => requests.map(({ path }) => path))
    return { ...world, valueOf, active, paths }
  })

describe("LeakIntake", () => {
  it.scopedLive("I2, I8: acts on exactly the account's own among the reported, with where they were found", () =>
    Effect.gen(function* () {
      const world = yield* makeLeak()
      const removal = yield* world.planFor({ action: "delete", selector: { keys: ["old-mobile-app"] } })
      yield* world.sweep.apply(removal, confirmed(removal))
      const values = [world.valueOf("staging"), foreign, world.valueOf("old-mobile-app"), world.valueOf("staging")]
      const before = yield* world.active
      const plan = yield* world.planFor({ action: "disable", leaks: leaksOf(values), reason: "see the report" })
      assert.deepStrictEqual(
        plan.keys.map(({ name }) => name),
        ["staging"]
      )
      assert.match(plan.reason ?? "", /^see the report; leaked: kf_\w+ by trufflehog \(electronhub\) in app\/\.env:3$/)
      assert.deepStrictEqual(
        plan.skipped.map(({ name, reason }) => [name, reason.replace(/at .*/, "at")]),
        [
          ["not ours", "no key of this account"],
          ["old-mobile-app", "deleted already, at"]
        ]
      )
      assert.strictEqual((yield* world.sweep.apply(plan, confirmed(plan))).outcome, "done")
      assert.deepStrictEqual(
        yield* world.active,
        before.filter((name) => name !== "staging")
      )
      const reports = (yield* world.events).filter((event) => event._tag === "LeakReported")
      assert.deepStrictEqual(
        reports.map(({ key, place }) => [key, place]),
        [[plan.keys[0]?.id ?? null, "app/.env:3"]]
      )
      const files = readdirSync(world.home, { recursive: true, withFileTypes: true }).filter((it) => it.isFile())
      const written = files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("")
      for (const value of values) assert.notInclude(written, value)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive(
    "I3: a key of somebody else is not asked about: handed over it refuses, in a report it is nothing to do",
    () =>
      Effect.gen(function* () {
        const world = yield* makeLeak()
        const typed = { action: "delete", leaks: leaksOf([foreign], { source: "typed" }) } as const
        const refused = yield* Effect.flip(world.sweep.carryOut(typed))
        assert.strictEqual(refused._tag, "SelectionRefused")
        assert.match(refused.message, /^not ours \(kf_\w+\)/)
        const nothing = yield* world.sweep.carryOut({ action: "delete", leaks: leaksOf([foreign]) })
        assert.isTrue(nothing._tag === "Nothing" && nothing.detail.includes("not ours"))
        assert.strictEqual((yield* world.sweep.carryOut({ action: "delete", leaks: [] }))._tag, "Nothing")
        // Whose account it is was asked once, with a key of its own.
        assert.deepStrictEqual(
          [...(yield* world.paths)].filter((path) => path !== "/v1/auth/proxy"),
          ["/v1/auth/proxy/lookup"]
        )
        assert.isFalse((yield* world.events).some((event) => event._tag === "LeakReported"))
      }).pipe(Effect.provide(live))
  )

  it.scopedLive("what settings call automatic needs nobody, for the sources that they name only", () =>
    Effect.gen(function* () {
      const settings = Either.getOrThrow(parseSettings("f", "leaks: [{ action: disable, from: [github] }]"))
      const world = yield* makeLeak({ settings, beforeAnswer: Effect.dieMessage("somebody was asked") })
      const value = world.valueOf("staging")
      const planOf = (action: "disable" | "delete", origin: LeakOrigin) =>
        world.planFor({ action, leaks: leaksOf([value], origin) })
      assert.isFalse((yield* planOf("disable", { source: "trufflehog" })).automatic)
      assert.isFalse((yield* planOf("delete", { source: "github" })).automatic)
      const leaks = leaksOf([value], { source: "github" })
      const carried = yield* world.sweep.carryOut({ action: "disable", leaks })
      assert.isTrue(carried._tag === "Receipt" && carried.receipt.outcome === "done")
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("the account's own master key in a report is said, with what to do, and is on record", () =>
    Effect.gen(function* () {
      const world = yield* makeLeak()
      const leaks = leaksOf([`export KEY=${Redacted.value(world.emulator.apiKey)}`])
      const refused = yield* Effect.flip(world.sweep.plan({ action: "disable", leaks }))
      assert.include(refused.message, "own master key")
      const reports = (yield* world.events).filter((event) => event._tag === "LeakReported")
      assert.deepStrictEqual(
        reports.map(({ key }) => key),
        [null]
      )
    }).pipe(Effect.provide(live))
  )
})
