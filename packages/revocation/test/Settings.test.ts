import { assert, describe, it } from "@effect/vitest"
import { DateTime, Either } from "effect"
import { makePlan } from "../src/Plan.ts"
import { parseSettings, personOf, protectionOf, Settings } from "../src/Settings.ts"
import { factsOf, held, now, readingOf } from "./support.ts"

const settingsOf = (text: string) => Either.getOrThrow(parseSettings("keysweep.yaml", text))
const problemsOf = (text: string) =>
  Either.getOrThrow(Either.flip(parseSettings("keysweep.yaml", text))).problems.join("\n")

describe("Settings", () => {
  it("an empty file holds no rules", () => {
    assert.deepStrictEqual({ ...settingsOf(""), source: null }, Settings.none)
  })

  it("every mistake is named with its place, unknown fields among them", () => {
    const problems = problemsOf("people: [{ name: Ada, slak: U1 }]\napprovals: { delete: two }\nprotect: []\n")
    for (const field of ["slak", "approvals.delete", "protect"]) assert.include(problems, field)
    assert.include(problemsOf("a: [1"), "line 1")
    assert.include(problemsOf("approvals: { delte: 1 }"), "delte")
    assert.include(problemsOf("approvals: { disable: 1 }"), "disable")
  })

  it("a mistake is named once, and a misspelt field with the one that was meant", () => {
    const problems = problemsOf("people: [{ name: Ada, slak: U1 }]\napprovals: { delete: two }\nzzz: 1\n").split("\n")
    assert.lengthOf(problems, 3)
    assert.include(problems, "people.0.slak (line 1): there is no such field; did you mean slack?")
    assert.include(problems.find((it) => it.startsWith("zzz")) ?? "", "there are accounts, people, approvals")
    assert.deepStrictEqual(problemsOf("liveUse: 1y").split("\n"), [
      "liveUse (line 1): not a duration: 1y; say 90s, 45m, 12h, 30d or 2w"
    ])
  })

  it("a mistake has the line on which it stands, or the line of what it is missing from", () => {
    const problems = (text: string) => problemsOf(text).split("\n")
    assert.deepStrictEqual(problems("caps:\n  count: 3\n\nblock: [policy, live-use]\nprotected:\n  - why: because\n"), [
      "protected.0 (line 6): needs a key or a name",
      "block.1 (line 4): there is no such value; did you mean live use?"
    ])
    assert.deepStrictEqual(problems("a:\n\tb: 1"), ["not valid YAML: tab as indent (line 2, column 1)"])
  })

  it("I8: a secret in the wrong place is not repeated", () => {
    const hook = "https://hooks.slack.com/services/T0/B0/very-secret"
    for (const text of [
      `notices: [{ name: ops, kind: "${hook}", urlFrom: HOOK }]`,
      `notices: [{ name: ops, kind: slack, urlFrom: "${hook}" }]`,
      `notices: "${hook}"`,
      "protected: [{ key: ek-proxy-very-secret }]",
      "liveUse: ek-proxy-very-secret",
      "approvals: { delete: ek-very-secret-master }",
      "ek-very-secret-master: production",
      "people: [{ name: ops, xoxb-1-very-secret: 1 }]",
      `"${hook}": ops`
    ]) {
      const problems = problemsOf(text)
      assert.notMatch(problems, /very-secret|hooks.slack/, text)
      assert.isNotEmpty(problems)
    }
  })

  it("a protection needs a key or a name", () => {
    assert.include(problemsOf("protected: [{ why: because }]"), "needs a key or a name")
  })

  it("I12: protected keys are skipped in every plan, with the reason", () => {
    const settings = settingsOf("protected: [{ name: 'prod-*', why: takes payments }]")
    const reading = readingOf([{ name: "prod-web" }, { name: "old" }, { name: "older" }, { name: "oldest" }])
    for (const action of ["disable", "delete", "delete-all"] as const) {
      const planning = Either.getOrThrow(makePlan({ action, selector: { all: true } }, factsOf(reading, "n", settings)))
      assert.strictEqual(planning._tag, "Plan")
      if (planning._tag !== "Plan") return
      assert.deepStrictEqual(
        planning.plan.skipped.map(({ name, reason }) => [name, reason]),
        [["prod-web", "protected: takes payments"]]
      )
      assert.isFalse(planning.plan.keys.some(({ name }) => name === "prod-web"))
      assert.strictEqual(planning.plan.method, "each")
    }
  })

  it("I12: naming a protected key does not lift its protection", () => {
    const settings = settingsOf("protected: [{ name: prod }]")
    const planning = makePlan(
      { action: "delete", selector: { keys: ["prod"] } },
      factsOf(readingOf([{ name: "prod" }]), "n", settings)
    )
    assert.strictEqual(Either.getOrThrow(planning)._tag, "Nothing")
  })

  it("a protection ends at its moment", () => {
    const settings = settingsOf(`protected: [{ name: web, until: "${DateTime.formatIso(now)}" }]`)
    const key = held(0, { name: "web" }).key
    assert.isNotNull(protectionOf(settings, key, DateTime.subtract(now, { seconds: 1 })))
    assert.isNull(protectionOf(settings, key, now))
  })

  it("one person is known by several names", () => {
    const settings = settingsOf("people: [{ name: Ada, slack: U1, github: ada }, { name: Bo, os: bo }]")
    const who = (name: string) => personOf(settings, { name, authenticated: true })?.name
    assert.strictEqual(who("slack:U1"), "Ada")
    assert.strictEqual(who("github:Ada"), "Ada")
    assert.strictEqual(who("os:bo"), "Bo")
    assert.isUndefined(who("slack:U2"))
    assert.isUndefined(who("os:Ada"))
  })
})
