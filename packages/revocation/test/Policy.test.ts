import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { loosened } from "../src/Policy.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { confirmed, live, makeWorld } from "./world.ts"

const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))

describe("Policy", () => {
  it("every rule that falls away or gets weaker is named", () => {
    const strict = [
      "approvals: { delete: 2 }",
      "origin: repository",
      "caps: { count: 5, percent: 20 }",
      "liveUse: 7d",
      "block: [live use]",
      "overridable: []",
      "protected: [{ name: prod-* }]",
      "soak: [{ time: 3d }]",
      "notices: [{ name: ops, kind: slack, urlFrom: HOOK }]"
    ]
    const before = settingsOf(strict.join("\n"))
    assert.deepStrictEqual(loosened(before, before), [])
    for (const [index] of strict.entries()) {
      const weaker = settingsOf(strict.filter((_, at) => at !== index).join("\n"))
      assert.isNotEmpty(loosened(before, weaker), strict[index])
      assert.deepStrictEqual(loosened(weaker, before), [], strict[index])
    }
  })

  it("what has become automatic, and a cap that counts for fewer accounts, are looser", () => {
    const strict = settingsOf("caps: { percent: 20 }")
    const weaker = settingsOf("caps: { percent: 20, minimum: 1000 }\nautomatic: [{ action: delete, finding: expired }]")
    assert.lengthOf(loosened(strict, weaker), 2)
    assert.deepStrictEqual(loosened(weaker, strict), [])
    assert.lengthOf(loosened(settingsOf("origin: ref"), settingsOf("origin: repository")), 1)
    assert.deepStrictEqual(loosened(settingsOf("origin: repository"), settingsOf("origin: ref")), [])
  })

  it("what can be overridden is looser only for checks that block: a later version knows further ones", () => {
    assert.deepStrictEqual(loosened(settingsOf("overridable: [cap]"), settingsOf("")), [])
    assert.lengthOf(loosened(settingsOf("overridable: [cap]\nblock: [no notice]"), settingsOf("block: [no notice]")), 1)
    assert.lengthOf(loosened(settingsOf("overridable: []"), settingsOf("overridable: [cap]")), 1)
  })

  it("where approvals are needed, somebody more to give them, or another name of somebody, is looser", () => {
    const ask = (people: string) => settingsOf(`approvals: { delete: 1 }\npeople: [${people}]`)
    const ada = "{ name: Ada, slack: U1 }"
    assert.deepStrictEqual(loosened(ask(ada), ask(`${ada}, { name: Bo, slack: U2 }`)), ["Bo can approve"])
    assert.deepStrictEqual(loosened(ask(ada), ask("{ name: Ada, slack: U2 }")), ["Ada can approve"])
    assert.deepStrictEqual(loosened(ask(`${ada}, { name: Bo, slack: U2 }`), ask(ada)), [])
    assert.deepStrictEqual(loosened(settingsOf(""), settingsOf(`people: [${ada}]`)), [])
  })

  it.scopedLive("an account once run under settings is not run without them, until overridden with a reason", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ settings: settingsOf("caps: { count: 3 }") })
      const [first = "", second = ""] = yield* world.names
      const plan = yield* world.planFor({ action: "disable", selector: { keys: [first] } })
      yield* world.sweep.apply(plan, confirmed(plan))
      const loose = yield* world.sweepFor("os:ada", Settings.none)
      const request = { action: "delete", selector: { keys: [second] }, reason: "a test" } as const
      const planOf = (extra: object) =>
        Effect.flatMap(loose.plan({ ...request, ...extra }), (it) =>
          it._tag === "Plan" ? Effect.succeed(it.plan) : Effect.die(it)
        )
      const refused = yield* planOf({})
      assert.deepStrictEqual(
        refused.gate.filter(({ result }) => result === "block").map(({ check }) => check),
        ["policy"]
      )
      const writes = yield* world.writes
      assert.strictEqual((yield* Effect.flip(loose.apply(refused, confirmed(refused))))._tag, "GateBlocked")
      assert.deepStrictEqual(yield* world.writes, writes)
      const lifted = yield* planOf({ override: true, reason: "the file was lost" })
      assert.strictEqual((yield* loose.apply(lifted, confirmed(lifted))).outcome, "done")
      assert.isTrue((yield* world.events).some((event) => event._tag === "Overridden" && event.check === "policy"))
    }).pipe(Effect.provide(live))
  )
})
