import { assert, describe, it } from "@effect/vitest"
import { DateTime, Either } from "effect"
import { makePlan, type PlanRequest } from "../src/Plan.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { factsOf, now, readingOf, seconds, type WireKey } from "./support.ts"

const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))
const hour = 3600
const keys: ReadonlyArray<WireKey> = [
  { name: "live", last_used: seconds - hour },
  { name: "quiet" },
  { name: "never", last_used: null },
  { name: "mine" },
  { name: "other" }
]
const planned = (settings: typeof Settings.Service, request: PlanRequest, soaks = new Map()) => {
  const facts = { ...factsOf(readingOf(keys), "n", settings), soaks }
  const planning = Either.getOrThrow(makePlan(request, facts))
  if (planning._tag !== "Plan") throw new Error(planning.detail)
  return planning.plan
}
const deleteOf = (...names: ReadonlyArray<string>): PlanRequest => ({ action: "delete", selector: { keys: names } })
const resultOf = (settings: typeof Settings.Service, request: PlanRequest, check: string) =>
  planned(settings, request).gate.find((it) => it.check === check)?.result

describe("Gate", () => {
  it("without settings nothing blocks; what is not known is a warning", () => {
    const { gate } = planned(Settings.none, deleteOf("live"))
    assert.deepStrictEqual(
      gate.map(({ check, result }) => [check, result]),
      [
        ["cap", "pass"],
        ["live use", "warn"],
        ["unknown owner", "warn"],
        ["still stored", "warn"],
        ["not soaked", "warn"],
        ["no notice", "warn"],
        ["second person", "pass"],
        ["hold", "pass"]
      ]
    )
  })

  it("each check blocks a deletion where the settings say so, and says what would lift it", () => {
    for (const check of ["live use", "unknown owner", "still stored", "not soaked", "no notice"]) {
      const settings = settingsOf(`block: [${check}]`)
      const result = planned(settings, deleteOf("live")).gate.find((it) => it.check === check)
      assert.strictEqual(result?.result, "block", check)
      assert.isNotNull(result?.lift)
    }
  })

  it("none of them blocks what can be taken back", () => {
    const settings = settingsOf("block: [live use, unknown owner, still stored, not soaked, no notice]")
    const { gate } = planned(settings, { action: "disable", selector: { all: true } })
    assert.isFalse(gate.some(({ result }) => result === "block"))
    assert.deepStrictEqual(planned(settings, { action: "disable", selector: { keys: ["live"] } }).gate.length, 4)
  })

  it("the cap counts keys, and a share only where the account has enough of them", () => {
    assert.strictEqual(resultOf(settingsOf("caps: { count: 2 }"), deleteOf("live", "quiet"), "cap"), "pass")
    assert.strictEqual(resultOf(settingsOf("caps: { count: 1 }"), deleteOf("live", "quiet"), "cap"), "block")
    assert.strictEqual(resultOf(settingsOf("caps: { percent: 40 }"), deleteOf("live", "quiet"), "cap"), "pass")
    assert.strictEqual(resultOf(settingsOf("caps: { percent: 39 }"), deleteOf("live", "quiet"), "cap"), "block")
    assert.strictEqual(resultOf(settingsOf("caps: { percent: 10, minimum: 6 }"), deleteOf("live"), "cap"), "pass")
  })

  it("a key never used, or used before the threshold, is not live", () => {
    assert.strictEqual(resultOf(Settings.none, deleteOf("quiet", "never"), "live use"), "pass")
    assert.strictEqual(resultOf(settingsOf("liveUse: 30m"), deleteOf("live"), "live use"), "pass")
    assert.strictEqual(resultOf(settingsOf("liveUse: 90m"), deleteOf("live"), "live use"), "warn")
  })

  it("owners are found by the first rule that fits", () => {
    const settings = settingsOf("block: [unknown owner]\nowners: [{ name: 'm*', person: Ada }]")
    assert.strictEqual(resultOf(settings, deleteOf("mine"), "unknown owner"), "pass")
    assert.strictEqual(resultOf(settings, deleteOf("mine", "other"), "unknown owner"), "block")
  })

  it("a soak counts when it is over, and not a moment before, and not where somebody misses the key", () => {
    const settings = settingsOf("block: [not soaked]")
    const [id] = planned(settings, deleteOf("quiet")).keys.map((key) => key.id)
    const at = (freeAt: DateTime.Utc, alarm: string | null = null, config = settings) => {
      const soak = { demanded: null, freeAt, dueAt: null, alarm }
      return planned(config, deleteOf("quiet"), new Map([[id, soak]])).gate.find((it) => it.check === "not soaked")
        ?.result
    }
    assert.strictEqual(at(now), "pass")
    assert.strictEqual(at(DateTime.add(now, { seconds: 1 })), "block")
    assert.strictEqual(at(now, "it was used"), "block")
    assert.strictEqual(at(now, "it was used", settingsOf("caps: { count: 5 }")), "block")
  })

  it("one override with a reason lifts what the settings allow, and nothing else", () => {
    const settings = settingsOf("block: [live use, not soaked]\noverridable: [live use]\ncaps: { count: 5 }")
    const request: PlanRequest = { ...deleteOf("live"), override: true }
    const blocks = (it: PlanRequest) =>
      planned(settings, it).gate.flatMap(({ check, result }) => (result === "block" ? [check] : []))
    assert.deepStrictEqual(blocks(request), ["live use", "not soaked"])
    assert.deepStrictEqual(blocks({ ...request, reason: "incident 7" }), ["not soaked"])
    assert.deepStrictEqual(planned(settings, { ...request, reason: "incident 7" }).overridden, ["live use"])
  })
})
