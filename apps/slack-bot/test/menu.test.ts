import { assert, it } from "@effect/vitest"
import type { SlackStandIn } from "@keysweep/testkit/SlackStandIn"
import { Effect } from "effect"
import { keysCalled } from "./Seeds.ts"
import { answerWith, eventually, makeWorld, messageWith, refusals } from "./World.ts"

const command = (slack: SlackStandIn, who: string, text: string) => Effect.promise(() => slack.command(who, text))
const submit = (slack: SlackStandIn, who: string, typed: Readonly<Record<string, string>> = {}) =>
  Effect.promise(() => slack.submit(who, typed))
const form = (slack: SlackStandIn, who: string, text: string) =>
  eventually(`a form with ${text}`, () => {
    const view = slack.views.get(slack.user(who))
    return JSON.stringify(view ?? "").includes(text) ? view : undefined
  })
/** Types the command alone, and chooses from the form that opens. */
const choose = (slack: SlackStandIn, who: string, verb: string) =>
  Effect.gen(function* () {
    yield* command(slack, who, "")
    yield* form(slack, who, "What is to be done?")
    return yield* submit(slack, who, { verb })
  })

it.live(
  "the command alone is a form: action, keys by search among 2,000, why, plan, phrase; then approval and receipt",
  () =>
    Effect.gen(function* () {
      const hostile = "<!channel> *delete* <@U1> `x`"
      const names = [
        hostile,
        "old runner",
        ...Array.from({ length: 1998 }, (_, at) => `ci-${String(at).padStart(4, "0")}`)
      ]
      const world = yield* makeWorld({ emulator: { ...keysCalled(names), rpm: 5000 } })
      const { records, slack, start } = world
      const { stop } = yield* start
      assert.strictEqual((yield* choose(slack, "rita", "delete")).status, 200)
      yield* form(slack, "rita", "multi_external_select")

      const search = (text: string) => Effect.promise(() => slack.search("rita", text))
      // They are read when the form opens for the first time. The same search twice within a second would be a replay.
      let options = yield* search("")
      for (let typed = " "; options.length === 0; typed += " ") options = yield* search(typed)
      assert.lengthOf(options, 100)
      assert.lengthOf(yield* search("ci-19"), 98)
      assert.lengthOf(yield* search("ci-199"), 8)
      assert.lengthOf(yield* search("CI-1999 active"), 0)
      const [only, second] = yield* search("RUNNER")
      assert.isUndefined(second)
      assert.match(JSON.stringify(only), /old runner: active \(kf_[a-z2-7]{16}\)","emoji":false},"value":"kf_/)
      assert.include(JSON.stringify(yield* search("<!channel>")), '"type":"plain_text"')

      // What is missing or wrong is said under its field, and the form stays.
      assert.include((yield* submit(slack, "rita", { reason: "gone" })).body, '"keys":"Choose keys')
      assert.include((yield* submit(slack, "rita", { keys: "old runner" })).body, '"reason":"This is missing."')
      const typo = yield* submit(slack, "rita", { which: "idel:90d", reason: "gone" })
      assert.include(typo.body, "Did you mean idle?")
      assert.include(typo.body, '"which"')
      const secret = yield* submit(slack, "rita", { which: "key:ek-proxy-0000000000000001", reason: "gone" })
      assert.include(secret.body, "A secret does not belong here")

      const began = yield* submit(slack, "rita", { keys: `old runner,${hostile}`, reason: "left “all” of them" })
      assert.include(began.body, "Reading the account")
      const preview = yield* form(slack, "rita", "Type: delete 2")
      assert.include(JSON.stringify(preview), "• old runner: active")
      assert.include(JSON.stringify(preview), "left “all” of them")
      assert.isEmpty(slack.messages)
      const wrong = yield* submit(slack, "rita", { phrase: "delete 3" })
      assert.include(wrong.body, '"phrase":"This is not the phrase')
      assert.isEmpty(slack.messages)
      const phrase = /delete 2 acct_[a-z2-7]{16}/.exec(JSON.stringify(preview))?.[0] ?? ""
      assert.strictEqual((yield* submit(slack, "rita", { phrase })).body, "")

      const waiting = yield* messageWith(slack, "Waiting for another person")
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      const done = yield* messageWith(slack, "Done: delete 2 keys")
      assert.strictEqual(done.ts, waiting.ts)
      assert.lengthOf(slack.shown(), 1)
      yield* stop
      const left = yield* world.names
      assert.lengthOf(left, 1998)
      assert.isTrue(left.every((name) => name.startsWith("ci-")))
      const events = (yield* records).map(({ event }) => event._tag)
      assert.lengthOf(
        events.filter((it) => it === "RunStarted"),
        1
      )
      assert.notInclude(slack.said(), "ek-proxy-")
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)

it.live(
  "by forms: a list, a soak, what is no narrowing, a hold, undo by its run; a closed plan and a stranger do nothing",
  () =>
    Effect.gen(function* () {
      const { active, records, slack, start, upstream } = yield* makeWorld()
      const { stop } = yield* start
      yield* choose(slack, "rita", "list")
      yield* form(slack, "rita", "12 keys")

      // Nobody but whoever asked has seen the plan, and it is over.
      yield* choose(slack, "rita", "disable")
      yield* submit(slack, "rita", { keys: "staging", reason: "moved" })
      yield* form(slack, "rita", "Yes, disable")
      yield* Effect.promise(() => slack.dismiss("rita"))
      yield* choose(slack, "rita", "approve")
      yield* form(slack, "rita", "Nothing waits")

      yield* choose(slack, "rita", "contain")
      const bad = yield* submit(slack, "rita", { keys: "staging", reason: "narrower", expires: "soon" })
      assert.include(bad.body, '"expires":"expires: takes 7d')

      yield* choose(slack, "rita", "disable, then delete")
      yield* submit(slack, "rita", { keys: "staging", after: "30d", reason: "moved" })
      const soak = yield* form(slack, "rita", "Type: delete 1")
      const phrase = /delete 1 acct_[a-z2-7]{16}/.exec(JSON.stringify(soak))?.[0] ?? ""
      yield* submit(slack, "rita", { phrase })
      const waiting = yield* messageWith(slack, "Waiting for another person")
      yield* choose(slack, "otto", "hold")
      yield* submit(slack, "otto", { keys: "github-ci", reason: "in use" })
      yield* form(slack, "otto", "The channel has been told")
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      yield* messageWith(slack, "Soaking")
      assert.notInclude(yield* active, "staging")

      yield* choose(slack, "rita", "undo")
      yield* form(slack, "rita", "disable 1 key")
      yield* submit(slack, "rita", { run: "disable 1 key", reason: "still needed" })
      yield* form(slack, "rita", "Yes, enable")
      yield* submit(slack, "rita")
      yield* messageWith(slack, "Done: enable 1 key")
      assert.include(yield* active, "staging")

      const reads = (yield* upstream.requests).length
      yield* command(slack, "mallory", "")
      yield* answerWith(slack, "I do nothing else for you")
      assert.isUndefined(slack.views.get(slack.user("mallory")))
      // With a form that somebody else was shown.
      yield* choose(slack, "rita", "delete")
      slack.views.set(slack.user("mallory"), yield* form(slack, "rita", "multi_external_select"))
      assert.deepStrictEqual(yield* Effect.promise(() => slack.search("mallory", "")), [])
      yield* submit(slack, "mallory", { which: "all", reason: "because" })

      slack.faults.push({ method: "views.open", status: 200, error: "expired_trigger_id" })
      yield* command(slack, "otto", "")
      yield* answerWith(slack, "came too late. Nothing was changed: do it once more.")
      yield* stop
      assert.lengthOf(yield* upstream.requests, reads)
      assert.include(refusals(yield* records).join("\n"), `slack:${slack.user("mallory")}: /keysweep delete: not among`)
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)
