import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

const failing = sinkOf(`command:${JSON.stringify([process.execPath, "-e", "process.exit(3)"])}`)

type World = Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>>

const withKeys = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const world = yield* makeReplaceWorld({ emulator: { seed: "empty" } })
    for (const name of names) yield* world.create(name)
    return world
  })

const planned = (world: World, action: "recreate" | "rotate", selector: object) =>
  Effect.flatMap(world.replacements, (it) =>
    it.plan({ action, selector, reason: "a test", sinks: [sinkOf(`dotenv:${world.env}#{NAME}`)] })
  )

const remove = (world: World, ...keys: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const plan = yield* world.planFor({ action: "delete", selector: { keys } })
    assert.strictEqual((yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })).outcome, "done")
  })

/** A rotation of `app` whose new key was made and whose value reached no sink. */
const leftHalfWay = (...others: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const world = yield* withKeys("app", ...others)
    const { receipt } = yield* world.carryOut({
      action: "rotate",
      selector: { keys: ["app"] },
      sinks: [failing],
      soak: Duration.zero
    })
    const [only] = receipt.keys
    assert.strictEqual(receipt.outcome, "failed")
    return { world, run: receipt.run, old: String(only?.id), orphan: String(only?.replacement) }
  })

describe("A run that was left half way", () => {
  it.scopedLive("a rotation of the same name neither takes its new key for the key nor makes a third one", () =>
    Effect.gen(function* () {
      const { old, orphan, run, world } = yield* leftHalfWay("other")
      for (const selector of [{ keys: ["app"] }, { keys: [old] }, { keys: [orphan] }, { names: ["ap*"] }]) {
        const refused = yield* Effect.flip(planned(world, "rotate", selector))
        assert.strictEqual(refused._tag, "ReplaceRefused")
        assert.include(refused.message, `keysweep resume ${run}`, JSON.stringify(selector))
      }
      const planning = yield* planned(world, "rotate", { all: true })
      if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
      assert.deepStrictEqual(
        planning.plan.keys.map(({ name }) => name),
        ["other"]
      )
      assert.sameMembers(
        planning.plan.skipped.map(({ id }) => String(id)),
        [old, orphan]
      )
      assert.isTrue(planning.plan.skipped.every(({ reason }) => reason.includes(`keysweep resume ${run}`)))

      yield* remove(world, orphan)
      const { receipt } = yield* world.carryOut({ action: "rotate", selector: { keys: ["app"] }, soak: Duration.zero })
      assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
      assert.lengthOf(yield* world.keys, 3)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a plan from before it is stale", () =>
    Effect.gen(function* () {
      const world = yield* withKeys("app")
      const earlier = yield* planned(world, "rotate", { keys: ["app"] })
      if (earlier._tag === "Nothing") return yield* Effect.dieMessage(earlier.detail)
      const { receipt } = yield* world.carryOut({ action: "rotate", selector: { all: true }, sinks: [failing] })
      const { plan } = earlier
      const it = yield* world.replacements
      const stale = yield* Effect.flip(it.apply(plan, { plan: plan.hash, how: "hash" }))
      assert.isTrue(
        stale._tag === "PlanStale" && JSON.stringify(stale.drift).includes(`keysweep resume ${receipt.run}`)
      )
      assert.lengthOf(yield* world.keys, 2)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("I6: a new key of which nothing but the request is on record is known all the same", () =>
    Effect.gen(function* () {
      const diedAfter = (steps: number) =>
        Effect.gen(function* () {
          const world = yield* withKeys("app")
          yield* world.dyingAfter(steps, world.carryOut({ action: "rotate", selector: { all: true } }))
          return { world, made: (yield* world.keys).length - 1 }
        })
      let [before, after] = [0, 60]
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2)
        if ((yield* diedAfter(middle)).made > 0) after = middle
        else before = middle
      }
      const { world } = yield* diedAfter(after)
      assert.notInclude(
        (yield* world.events).map(({ _tag }) => _tag),
        "KeyCreated"
      )
      const refused = yield* Effect.flip(planned(world, "rotate", { names: ["app"] }))
      assert.match(refused.message, /keysweep resume run_/)
      const it = yield* world.replacements
      assert.strictEqual((yield* it.resume(null)).outcome, "done")
      assert.lengthOf(yield* world.keys, 2)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("a resume makes nothing again that another run has made meanwhile", () =>
    Effect.gen(function* () {
      const world = yield* withKeys("one", "two")
      yield* remove(world, "one", "two")
      const script = `require("fs").readFileSync(0); process.exit(require("fs").existsSync(process.argv[1]) ? 0 : 3)`
      const picky = sinkOf(
        `command:${JSON.stringify([process.execPath, "-e", script, `${world.home}/mended`, "{NAME}"])}`
      )
      const first = yield* world.carryOut({ action: "recreate", selector: { all: true }, sinks: [picky] })
      assert.deepStrictEqual(
        first.receipt.keys.map(({ outcome }) => outcome),
        ["failed", "skipped"]
      )
      const second = yield* world.carryOut({ action: "recreate", selector: { all: true } })
      assert.deepStrictEqual(
        second.receipt.keys.map(({ name, outcome }) => [name, outcome]),
        [["two", "done"]]
      )
      yield* world.fs.writeFileString(`${world.home}/mended`, "")
      const resumed = yield* Effect.flatMap(world.replacements, (it) => it.resume(null))
      assert.deepStrictEqual(
        resumed.keys.map(({ outcome }) => outcome),
        ["done", "failed"]
      )
      assert.include(resumed.keys[1]?.detail, `${second.receipt.run} has made`)
      assert.lengthOf(yield* world.keys, 2)
    }).pipe(Effect.provide(live))
  )

  it.scopedLive("of the keys of one name that are gone, the one that was in use last is made again", () =>
    Effect.gen(function* () {
      const { old, orphan, world } = yield* leftHalfWay()
      yield* remove(world, orphan, old)
      const first = yield* world.carryOut({ action: "recreate", selector: { keys: ["app"] } })
      assert.deepStrictEqual(
        first.receipt.keys.map(({ id, outcome }) => [String(id), outcome]),
        [[old, "done"]]
      )
      const second = String(first.receipt.keys[0]?.replacement)
      yield* remove(world, second)
      const planning = yield* planned(world, "recreate", { names: ["app"] })
      if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
      assert.deepStrictEqual(
        planning.plan.keys.map(({ id }) => String(id)),
        [second]
      )
      assert.sameMembers(
        planning.plan.skipped.map(({ id }) => String(id)),
        [old, orphan]
      )
    }).pipe(Effect.provide(live))
  )
})
