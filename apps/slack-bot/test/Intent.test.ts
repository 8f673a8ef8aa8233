import { assert, it } from "@effect/vitest"
import { RunId } from "@keysweep/audit/RunId"
import { DateTime, Duration, Either, FastCheck } from "effect"
import { parseIntent as parse } from "../src/Intent.ts"

const now = DateTime.unsafeMake("2026-11-21T12:00:00Z")
const parseIntent = (text: string) => parse(text, now)

const planOf = (text: string) =>
  Either.map(parseIntent(text), (intent) => (intent._tag === "Plan" ? intent.request : intent._tag))

it.each([
  ["", "Menu"],
  ["help", "Help"],
  ["  list ", "List"]
] as const)("%j is %s", (text, tag) => {
  assert.strictEqual(Either.getOrThrow(parseIntent(text))._tag, tag)
})

it.each([
  ["delete key:kf_abcd", { action: "delete", selector: { keys: ["kf_abcd"] }, reason: null }],
  ["plan delete key:kf_abcd", { action: "delete", selector: { keys: ["kf_abcd"] }, reason: null }],
  [
    "disable name:ci-* name:qa-* expired",
    { action: "disable", selector: { names: ["ci-*", "qa-*"], expired: true }, reason: null }
  ],
  ["enable disabled", { action: "enable", selector: { states: ["disabled"] }, reason: null }],
  [
    'delete all reason:"left the team" override',
    { action: "delete", selector: { all: true }, reason: "left the team", override: true }
  ],
  [
    "delete key:“jonas laptop” reason:“typed on a phone”",
    { action: "delete", selector: { keys: ["jonas laptop"] }, reason: "typed on a phone" }
  ],
  ['delete key:"a &lt; b &amp; c"', { action: "delete", selector: { keys: ["a < b & c"] }, reason: null }],
  ["delete-all", { action: "delete-all", reason: null }],
  ["delete-all reason:leak", { action: "delete-all", reason: "leak" }],
  ["delete", { action: "delete", selector: {}, reason: null }],
  [
    "disable all then-delete",
    { action: "disable", selector: { all: true }, reason: null, thenDelete: { after: null } }
  ],
  [
    "disable key:a then-delete after:30d",
    { action: "disable", selector: { keys: ["a"] }, reason: null, thenDelete: { after: Duration.days(30) } }
  ]
] as const)("reads %j", (text, request) => {
  assert.deepStrictEqual(Either.getOrThrow(planOf(text)), request)
})

it.each([
  "delete everything",
  "delete key:",
  "delete -all",
  "delete --all",
  "remove key:kf_abcd",
  "delete-all name:ci-*",
  "delete-all all",
  "list all",
  "plan",
  "plan list",
  "delete key:a reason:b reason:c",
  "disable key:a after:30d",
  "disable key:a then-delete after:1month",
  "disable key:a then-delete after:",
  "disable key:a then-delete after:1d after:2d",
  "undo",
  "undo key:a",
  "undo run_0mwqx5fdh_uxjtqoff0y all"
])("refuses %j instead of guessing", (text) => {
  assert.isTrue(Either.isLeft(parseIntent(text)))
})

it("I8: refuses a secret and says its id, not the secret", () => {
  const refused = Either.getOrThrow(Either.flip(parseIntent("delete key:ek-proxy-1111111111111111")))
  assert.match(refused.message, /kf_[a-z2-7]{16}/)
  assert.notInclude(refused.message, "ek-proxy")
})

it("I3: no text selects every key, but the word all or delete-all", () => {
  FastCheck.assert(
    FastCheck.property(FastCheck.string(), FastCheck.constantFrom("delete", "disable", "plan delete"), (text, verb) => {
      const request = planOf(`${verb} ${text}`)
      if (Either.isLeft(request) || typeof request.right === "string") return true
      const everything = request.right.action === "delete-all" || request.right.selector?.all === true
      return !everything || /\ball\b/.test(text)
    })
  )
})

it("reads which run is to be taken back, and why", () => {
  assert.deepStrictEqual(Either.getOrThrow(parseIntent('undo run_0mwqx5fdh_uxjtqoff0y reason:"they need it"')), {
    _tag: "Undo",
    run: RunId.make("run_0mwqx5fdh_uxjtqoff0y"),
    reason: "they need it",
    override: false
  })
})
