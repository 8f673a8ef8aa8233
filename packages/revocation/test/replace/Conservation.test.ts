import { assert, describe, it } from "@effect/vitest"
import type { RunId } from "@keysweep/audit/RunId"
import { Duration, Effect, Random, Redacted } from "effect"
import { live } from "../world.ts"
import { makeReplaceWorld, sinkOf } from "./world.ts"

/** More by the environment: `KEYSWEEP_TRIALS=500`. Each has keys, faults, deaths and spending of its own. */
const trials = Number(process.env["KEYSWEEP_TRIALS"] ?? 8)

const micro = (credits: unknown): number => Math.round(Number(credits) * 1_000_000)

type World = Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>>

/** An application that spends with a key; what it is refused costs nothing. */
const spend = (world: World, key: string) =>
  Effect.promise(() =>
    fetch(`${world.emulator.url}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] })
    }).then((reply) => reply.arrayBuffer())
  )

const oneTrial = (seed: number, money: "transfer" | "cap") =>
  Effect.gen(function* () {
    const within = (least: number, most: number) => Random.nextIntBetween(least, most + 1)
    const world: World = yield* makeReplaceWorld({
      emulator: { seed: "empty", plan: "enterprise", money, windowReset: "never", chatPrice: 0.010_001, keyCap: 100 },
      onProgress: (event) =>
        event._tag === "Waiting" && event.reason === "overlap" ? Effect.suspend(() => spending) : Effect.void
    })
    const count = yield* within(1, 3)
    for (let n = 0; n < count; n++) {
      yield* world.post("auth/proxy/create", {
        name: `app-${n}`,
        expires_at: -1,
        allocated_ammount: (yield* within(50_000, 300_000)) / 1_000_000
      })
    }
    const olds = (yield* world.keys).map(({ key }) => String(key))
    for (const key of olds) if (yield* Random.nextBoolean) yield* spend(world, key)
    const total = Effect.map(world.state, (account) =>
      (account?.keys ?? []).reduce(
        (sum, key) => sum + (money === "transfer" ? micro(key.allocated_ammount) - micro(key.used_ammount) : 0),
        micro(account?.balance)
      )
    )
    const used = Effect.map(world.keys, (keys) => keys.reduce((sum, key) => sum + micro(key.used_ammount), 0))
    const before = { total: yield* total, used: yield* used }
    const spending: Effect.Effect<void> = Effect.gen(function* () {
      for (const { key } of yield* world.keys) if (yield* Random.nextBoolean) yield* spend(world, String(key))
    }).pipe(Effect.withRandom(Random.make(`overlap ${seed}`)))

    const it = yield* world.replacements
    const planning = yield* it.plan({
      action: "rotate",
      selector: { all: true },
      sinks: [sinkOf(`dotenv:${world.env}`)],
      wait: Duration.seconds(6),
      override: true,
      reason: "trial"
    })
    if (planning._tag === "Nothing") return yield* Effect.dieMessage(planning.detail)
    const { plan } = planning
    const lost = ["drop-after", "drop-before", "status"] as const
    if (yield* Random.nextBoolean) {
      yield* world.emulator.faults([
        {
          match: { method: "POST", path: `/auth/proxy/${["create", "toggle", "update"][yield* within(0, 2)]}` },
          kind: lost[yield* within(0, 2)] ?? "status",
          status: 503,
          skip: yield* within(0, 2)
        }
      ])
    }
    const deaths = yield* within(0, 2)
    const told: Array<unknown> = []
    for (let life = 0; !(yield* world.ended) && life < 8; life++) {
      const process = yield* world.replacements
      const [run]: ReadonlyArray<RunId> = yield* process.resumable
      const rest = run === undefined ? process.apply(plan, { plan: plan.hash, how: "hash" }) : process.resume(run)
      told.push(yield* life < deaths ? world.dyingAfter(yield* within(1, 90), rest) : rest)
    }
    const what = `trial ${seed} ${money}: ${JSON.stringify(told)}`
    assert.isTrue(yield* world.ended, what)
    const keys = yield* world.keys
    assert.lengthOf(keys, 2 * count, what)
    const stored = yield* world.stored
    for (const old of keys.slice(0, count)) {
      const heir = keys.slice(count).find(({ name }) => name === old.name)
      assert.isFalse(old.is_active, what)
      assert.isTrue(heir?.is_active, what)
      assert.strictEqual(stored[String(old.name).replace("-", "_").toUpperCase()], heir?.key, what)
      const left = micro(old.allocated_ammount) - micro(old.used_ammount)
      assert.strictEqual(micro(heir?.allocated_ammount), Math.max(left, micro(heir?.used_ammount), 1), what)
    }
    for (const key of olds) yield* world.post("auth/proxy/remove", { proxy_key: key })
    const spent = keys.reduce((sum, key) => sum + micro(key.used_ammount), 0) - before.used
    assert.strictEqual(yield* total, before.total - spent, what)
    assert.notInclude(JSON.stringify(yield* world.events), Redacted.value(world.emulator.apiKey))
  }).pipe(Effect.scoped, Effect.withRandom(Random.make(seed)))

describe("Rotation", () => {
  for (const money of ["transfer", "cap"] as const) {
    it.scopedLive(
      `I6: conserves credit to the millionth where allocations are ${money === "cap" ? "caps" : "transferred"}, whatever dies, is lost or is spent`,
      () =>
        Effect.gen(function* () {
          for (let trial = 0; trial < trials / 2; trial++) yield* oneTrial(trial, money)
        }).pipe(Effect.provide(live)),
      { timeout: 60_000 + trials * 10_000 }
    )
  }
})
