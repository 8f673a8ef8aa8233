import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { answerWith, buttonsOf, calledBelow, eventually, makeWorld, messageWith, refusals } from "./World.ts"

it.live("lists the keys to whoever asked, and to nobody else", () =>
  Effect.gen(function* () {
    const { slack, start } = yield* makeWorld()
    const { stop } = yield* start
    const reply = yield* Effect.promise(() => slack.command("rita", "list"))
    assert.deepStrictEqual(reply, { status: 200, body: "" })
    const answer = yield* answerWith(slack, "github-ci")
    assert.strictEqual(answer.user, slack.user("rita"))
    assert.lengthOf(slack.messages, 0)
    yield* stop
    assert.deepStrictEqual(slack.problems, [])
  }).pipe(Effect.scoped)
)

it.live("disables after a yes, without a second person, and its one message becomes the receipt", () =>
  Effect.gen(function* () {
    const { active, records, slack, start, verification } = yield* makeWorld()
    const { stop } = yield* start
    yield* Effect.promise(() => slack.command("rita", "disable name:github-* reason:“old pipeline”"))
    const planned = yield* messageWith(slack, "Plan: disable 1 key")
    assert.deepStrictEqual(buttonsOf(planned), ["confirm", "cancel"])
    assert.include(JSON.stringify(planned), "old pipeline")
    yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
    yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
    assert.include(yield* active, "github-ci")
    assert.strictEqual((yield* Effect.promise(() => slack.submit("rita"))).body, "")
    const done = yield* messageWith(slack, "Done: disable 1 key")
    assert.strictEqual(done.ts, planned.ts)
    assert.deepStrictEqual(buttonsOf(done), [])
    assert.notInclude(yield* active, "github-ci")
    assert.lengthOf(slack.shown(), 1)
    yield* stop
    assert.isTrue((yield* verification).ok)
    const run = (yield* records).filter(({ run }) => run !== null)
    assert.isNotEmpty(run)
    assert.deepStrictEqual(
      [...new Set(run.map(({ actor, surface }) => `${actor.name} ${actor.authenticated} ${surface}`))],
      [`slack:${slack.user("rita")} true slack`]
    )
    assert.deepStrictEqual(slack.problems, [])
  }).pipe(Effect.scoped)
)

it.live(
  "deletes after the typed phrase and another person's approval; self-approval, strangers and wrong words change nothing",
  () =>
    Effect.gen(function* () {
      const { names, records, slack, start, verification } = yield* makeWorld()
      const { stop } = yield* start
      const before = yield* names
      yield* Effect.promise(() => slack.command("rita", "delete key:github-ci key:staging reason:clean-up"))
      const planned = yield* messageWith(slack, "Plan: delete 2 keys")

      yield* Effect.promise(() => slack.press("otto", planned, "confirm"))
      yield* answerWith(slack, "Only whoever asked")
      yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
      const modal = yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
      const wrong = yield* Effect.promise(() => slack.submit("rita", { phrase: "delete everything" }))
      assert.include(wrong.body, '"response_action":"errors"')
      assert.include(wrong.body, '"phrase"')
      const phrase = /delete 2 acct_[a-z2-7]{16}/.exec(JSON.stringify(modal))?.[0] ?? ""
      assert.strictEqual((yield* Effect.promise(() => slack.submit("rita", { phrase }))).body, "")

      const waiting = yield* messageWith(slack, "Waiting for another person")
      assert.strictEqual(waiting.ts, planned.ts)
      assert.deepStrictEqual(buttonsOf(waiting), ["approve", "cancel"])
      yield* Effect.promise(() => slack.press("rita", waiting, "approve"))
      yield* answerWith(slack, "Nobody approves their own request")
      yield* Effect.promise(() => slack.press("mallory", waiting, "approve"))
      yield* answerWith(slack, "not among the people")
      assert.deepStrictEqual(yield* names, before)

      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      const done = yield* messageWith(slack, "Done: delete 2 keys")
      assert.strictEqual(done.ts, planned.ts)
      assert.deepStrictEqual(buttonsOf(done), [])
      assert.deepStrictEqual(yield* calledBelow(slack, done, "is over: *done*"), ["rita", "otto"])
      assert.lengthOf(slack.shown(), 2)
      assert.deepStrictEqual(
        yield* names,
        before.filter((name) => name !== "github-ci" && name !== "staging")
      )

      yield* stop
      assert.isTrue((yield* verification).ok)
      const all = yield* records
      assert.lengthOf(
        all.filter(({ event }) => event._tag === "RunStarted"),
        1
      )
      const approved = all.find(({ event }) => event._tag === "Approved")
      assert.deepStrictEqual(approved?.actor, { name: `slack:${slack.user("otto")}`, authenticated: true })
      assert.strictEqual(approved?.surface, "slack")
      const refused = refusals(all).join("\n")
      assert.include(refused, `slack:${slack.user("otto")}: delete of 2 keys`)
      assert.include(refused, "the phrase was not typed")
      assert.include(refused, "Nobody approves their own request")
      assert.include(refused, `slack:${slack.user("mallory")}: approval of`)
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)
