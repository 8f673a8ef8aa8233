import { assert, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { live } from "../world.ts"
import { makeReplaceWorld } from "./world.ts"

/** More by the environment: `KEYSWEEP_TRIALS=300`. Each dies twice, at moments of its own. */
const trials = Number(process.env["KEYSWEEP_TRIALS"] ?? 5)

/** Of one key with a limit type, whose old key spends while both work: it has every request that a rotation can have. */
const oneTrial = (seed: number) =>
  Effect.gen(function* () {
    const world: Effect.Effect.Success<ReturnType<typeof makeReplaceWorld>> = yield* makeReplaceWorld({
      emulator: { seed: "empty", showLimitType: "always", chatPrice: 0.010_001 },
      onProgress: (event) =>
        event._tag === "Key" && event.detail === "made" ? Effect.suspend(() => spend) : Effect.void
    })
    yield* world.create("app")
    const [old] = yield* world.keys
    const spend = Effect.promise(() =>
      fetch(`${world.emulator.url}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${String(old?.key)}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] })
      }).then((reply) => reply.arrayBuffer())
    )
    const rotate = world.carryOut({ action: "rotate", selector: { all: true }, limitType: "weekly" })
    const resume = Effect.flatMap(world.replacements, (it) => it.resume(null))
    const deaths = [yield* Random.nextIntBetween(1, 60), yield* Random.nextIntBetween(1, 40)]
    const what = `trial ${seed}, deaths after ${deaths.join(" and ")} steps`
    for (const steps of deaths) {
      if (yield* world.ended) break
      const begun = (yield* world.events).some(({ _tag }) => _tag === "RunStarted")
      yield* world.dyingAfter(steps, begun ? Effect.ignore(resume) : Effect.ignore(rotate))
    }
    if (!(yield* world.ended)) {
      const begun = (yield* world.events).some(({ _tag }) => _tag === "RunStarted")
      const receipt = yield* begun ? resume : Effect.map(rotate, ({ receipt }) => receipt)
      assert.strictEqual(receipt.outcome, "done", `${what}: ${JSON.stringify(receipt)}`)
    }
    const [before, heir, ...others] = yield* world.keys
    assert.deepStrictEqual([before?.is_active, heir?.is_active, others.length], [false, true, 0], what)
    assert.strictEqual(heir?.limit_type, "weekly", what)
    const left = Number(before?.allocated_ammount) - Number(before?.used_ammount)
    assert.strictEqual(Number(heir?.allocated_ammount).toFixed(6), left.toFixed(6), what)

    const results = new Map<string, string>()
    for (const event of yield* world.events) {
      if (event._tag === "CallIntended" && event.intent.call === "update") results.set(event.id, "open")
      if (event._tag === "CallSettled" && results.has(event.id)) results.set(event.id, event.outcome.result)
    }
    const count = (...wanted: ReadonlyArray<string>) => [...results.values()].filter((it) => wanted.includes(it)).length
    const arrived = (yield* world.emulator.requests).filter(
      ({ path, status }) => path.includes("/auth/proxy/update") && status === 200
    ).length
    const story = `${what}: ${arrived} updates arrived, ${JSON.stringify([...results.values()])}`
    assert.isAtLeast(arrived, count("done"), story)
    assert.isAtMost(arrived, count("done", "unknown"), story)
    assert.strictEqual(count("open"), 0, story)
  }).pipe(Effect.scoped, Effect.withRandom(Random.make(seed)))

it.scopedLive(
  "I5, I6: killed twice, a rotation ends as an unbroken one, and the log says of no request what is not so",
  () =>
    Effect.gen(function* () {
      for (let seed = 0; seed < trials; seed++) yield* oneTrial(seed)
    }).pipe(Effect.provide(live)),
  { timeout: 60_000 + trials * 10_000 }
)
