import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

/** Every point with `KEYSWEEP_TRIALS` set; a share of them else. A point is before or after one append, request or delivery. */
const stride = process.env["KEYSWEEP_TRIALS"] === undefined ? 17 : 1

/** Beyond the last step of an unbroken run. */
const points = { recreate: 75, rotate: 110 }

const twoKeys = (action: "recreate" | "rotate") =>
  Effect.gen(function* () {
    const world = yield* makeReplaceWorld({ emulator: { seed: "empty", plan: "free" } })
    for (const name of ["app-0", "app-1"]) yield* world.create(name)
    if (action === "rotate") return world
    const plan = yield* world.planFor({ action: "delete", selector: { all: true } })
    yield* world.sweep.apply(plan, { plan: plan.hash, how: "hash" })
    return world
  })

describe("A death at any point, and then a resume", () => {
  for (const action of ["recreate", "rotate"] as const) {
    it.scopedLive(
      `I6: ${action} ends as if nothing had happened: one new key each, its value in its place`,
      () =>
        Effect.gen(function* () {
          let died = 0
          for (let steps = 2; steps < points[action]; steps += stride) {
            const world = yield* twoKeys(action)
            const it = yield* world.replacements
            const planning = yield* it.plan({
              action,
              reason: "a test",
              selector: { all: true },
              sinks: [sinkOf(`dotenv:${world.env}`)]
            })
            if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
            const { plan } = planning
            const yes = { plan: plan.hash, how: "hash" } as const
            const first = Effect.flatMap(world.replacements, (process) => process.apply(plan, yes))
            if ((yield* world.dyingAfter(steps, first)) === null) died += 1
            const begun = (yield* world.events).some((event) => event._tag === "RunStarted" && event.plan === plan.hash)
            const ended =
              (yield* world.events).some((event) => event._tag === "ValueDelivered") && (yield* unfinished(world)) === 0
            if (!ended) {
              const process = yield* world.replacements
              const receipt = yield* begun ? process.resume(null) : process.apply(plan, yes)
              assert.strictEqual(receipt.outcome, "done", `${steps}: ${JSON.stringify(receipt)}`)
            }
            const keys = yield* world.keys
            const stored = yield* world.stored
            const heirs = action === "rotate" ? keys.slice(2) : keys
            assert.deepStrictEqual(
              heirs.map(({ is_active, key }) => [key, is_active]),
              [
                [stored["APP_0"], true],
                [stored["APP_1"], true]
              ],
              String(steps)
            )
            if (action === "rotate")
              assert.isTrue(
                keys.slice(0, 2).every((key) => !key.is_active),
                String(steps)
              )
          }
          assert.isAtLeast(died, 3)
        }).pipe(Effect.provide(live)),
      { timeout: 60_000 + (points[action] / stride) * 10_000 }
    )
  }
})

type Events = Effect.Effect.Success<Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>>["events"]>

/** A rotation of one key that died right after the first step with which the log has something. */
const diedWith = (has: (events: Events) => boolean) =>
  Effect.gen(function* () {
    const diedAfter = (steps: number) =>
      Effect.gen(function* () {
        const world = yield* makeReplaceWorld({ emulator: { seed: "empty", plan: "free" } })
        yield* world.create("app")
        const process = world.carryOut({ action: "rotate", selector: { all: true }, limitType: "weekly" })
        yield* world.dyingAfter(steps, process)
        return { world, events: yield* world.events }
      })
    let [before, after] = [0, points.rotate]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (has((yield* diedAfter(middle)).events)) after = middle
      else before = middle
    }
    return yield* diedAfter(after)
  })

const resumed = (world: Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>>) =>
  Effect.gen(function* () {
    const receipt = yield* Effect.flatMap(world.replacements, (process) => process.resume(null))
    assert.strictEqual(receipt.outcome, "done", JSON.stringify(receipt))
    return yield* world.events
  })

describe("A death between two records", () => {
  it.scopedLive(
    "I6: an old key that was recorded as disabled soaks all the same",
    () =>
      Effect.gen(function* () {
        const { events, world } = yield* diedWith((all) => all.some((event) => event._tag === "KeyRetired"))
        assert.isFalse(events.some((event) => event._tag === "SoakStarted"))
        const recorded = (yield* resumed(world)).map((event) => event._tag)
        for (const tag of ["KeyRetired", "SoakStarted"])
          assert.lengthOf(
            recorded.filter((it) => it === tag),
            1,
            tag
          )
      }).pipe(Effect.provide(live)),
    120_000
  )

  for (const [call, result] of [
    ["toggle", "undone"],
    ["update", "unknown"]
  ] as const) {
    it.scopedLive(
      `I5: a ${call} of which only the intent is on record is settled by reading, and then done`,
      () =>
        Effect.gen(function* () {
          const { events, world } = yield* diedWith((all) =>
            all.some((event) => event._tag === "CallIntended" && event.intent.call === call)
          )
          const last = events.at(-1)
          const open = last?._tag === "CallIntended" ? last.id : null
          const settled = (yield* resumed(world)).flatMap((event) =>
            event._tag === "CallSettled" && event.id === open ? [event.outcome.result] : []
          )
          assert.deepStrictEqual(settled, [result])
        }).pipe(Effect.provide(live)),
      120_000
    )
  }
})

const unfinished = (world: Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>>) =>
  Effect.flatMap(world.replacements, (process) => Effect.map(process.resumable, (runs) => runs.length))
