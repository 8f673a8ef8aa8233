import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { accountWith } from "./Seeds.ts"
import {
  answerWith,
  buttonsOf,
  confirmed,
  eventually,
  makeWorld,
  messageWith,
  refusals,
  topMessages,
  wholeSecret
} from "./World.ts"

const now = () => Math.floor(Date.now() / 1000)

it.live("refuses forged, old, future and repeated requests with 401, and records one a minute of each kind", () =>
  Effect.gen(function* () {
    const { records, slack, start, upstream, verification } = yield* makeWorld()
    const { stop } = yield* start
    const list = slack.sign(slack.commandForm("rita", "list"))
    assert.strictEqual((yield* Effect.promise(() => slack.send(list))).status, 200)
    yield* answerWith(slack, "github-ci")
    const requests = (yield* upstream.requests).length

    const form = slack.commandForm("rita", "delete-all reason:clean-up")
    const attacks = [
      slack.sign(form, { secret: "guessed" }),
      { body: form, headers: { "content-type": "application/x-www-form-urlencoded" } },
      { ...slack.sign(slack.commandForm("rita", "list")), body: form },
      slack.sign(form, { seconds: now() - 301 }),
      slack.sign(form, { seconds: now() + 3600 }),
      { ...list, headers: { ...list.headers, "x-slack-signature": `${list.headers["x-slack-signature"]}=1` } },
      list
    ]
    for (const attack of [...attacks, ...attacks, ...attacks]) {
      assert.strictEqual((yield* Effect.promise(() => slack.send(attack))).status, 401)
    }
    yield* stop
    assert.lengthOf(yield* upstream.requests, requests)
    assert.lengthOf(slack.answers, 1)
    assert.lengthOf(slack.messages, 0)
    assert.deepStrictEqual([...refusals(yield* records)].sort(), [
      "slack:unknown: request to the bot: forged signature",
      "slack:unknown: request to the bot: future timestamp",
      "slack:unknown: request to the bot: replay",
      "slack:unknown: request to the bot: stale timestamp"
    ])
    const refused = (yield* records).filter(({ event }) => event._tag === "Refused")
    assert.isTrue(refused.every(({ actor, surface }) => !actor.authenticated && surface === "slack"))
    assert.isTrue((yield* verification).ok)
  }).pipe(Effect.scoped)
)

it.live(
  "does nothing but help for somebody whom the settings do not name, and records one a minute of their attempts",
  () =>
    Effect.gen(function* () {
      const { names, records, slack, start } = yield* makeWorld({ approvals: "delete: 0" })
      const { stop } = yield* start
      yield* Effect.promise(() => slack.command("rita", "delete key:staging reason:clean-up"))
      const planned = yield* messageWith(slack, "Plan: delete 1 key")
      const before = yield* names
      yield* Effect.promise(() => slack.command("mallory", "help"))
      yield* answerWith(slack, "I do nothing else for you")
      for (const text of ["list", "delete-all", "list"]) yield* Effect.promise(() => slack.command("mallory", text))
      yield* eventually("three refusals", () => (slack.answers.length === 4 ? true : undefined))
      yield* Effect.promise(() => slack.press("mallory", planned, "confirm"))
      yield* Effect.promise(() => slack.press("mallory", planned, "cancel"))
      yield* eventually("two more", () => (slack.answers.length === 6 ? true : undefined))
      yield* stop
      assert.deepStrictEqual(yield* names, before)
      assert.isUndefined(slack.views.get(slack.user("mallory")))
      assert.lengthOf(slack.messages, 1)
      assert.notInclude(JSON.stringify(slack.answers), "github-ci")
      assert.deepStrictEqual(refusals(yield* records), [
        `slack:${slack.user("mallory")}: /keysweep list: not among the people that the settings name`
      ])
    }).pipe(Effect.scoped)
)

it.live("carries a plan out once, however often its buttons are clicked, and records the clicks too many", () =>
  Effect.gen(function* () {
    const { names, records, slack, start, upstream } = yield* makeWorld()
    const { stop } = yield* start
    const { planned, form, phrase } = yield* confirmed(
      slack,
      "delete key:github-ci reason:clean-up",
      "Plan: delete 1 key"
    )
    slack.views.set(slack.user("rita"), form)
    yield* Effect.promise(() => slack.submit("rita", { phrase }))
    const waiting = yield* messageWith(slack, "Waiting for another person")
    yield* Effect.promise(() => Promise.all([1, 2, 3].map(() => slack.press("otto", waiting, "approve"))))
    const done = yield* messageWith(slack, "Done: delete 1 key")
    yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
    yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
    yield* Effect.promise(() => slack.press("rita", planned, "cancel"))
    yield* eventually("three answers", () =>
      slack.answers.filter(({ raw }) => raw.includes("decided already")).length >= 3 ? true : undefined
    )
    yield* stop
    assert.notInclude(yield* names, "github-ci")
    const all = yield* records
    assert.lengthOf(
      all.filter(({ event }) => event._tag === "RunStarted"),
      1
    )
    assert.lengthOf(
      all.filter(({ event }) => event._tag === "RunFinished"),
      1
    )
    const removals = (yield* upstream.requests).filter(({ path }) => path.endsWith("/remove"))
    assert.lengthOf(removals, 1)
    assert.include(refusals(all).join("\n"), "it was confirmed already")
    assert.include(refusals(all).join("\n"), "approve: it was decided already")
    assert.include(refusals(all).join("\n"), "cancel: it was decided already")
    assert.deepStrictEqual(topMessages(slack), [done])
    assert.lengthOf(slack.shown(), 2)
  }).pipe(Effect.scoped)
)

it.live("asks again at execution: who was taken out of the settings meanwhile runs nothing", () =>
  Effect.gen(function* () {
    const { names, records, settle, slack, start } = yield* makeWorld()
    const { stop } = yield* start
    const before = yield* names
    yield* confirmed(slack, "delete key:github-ci reason:clean-up", "Plan: delete 1 key")
    const waiting = yield* messageWith(slack, "Waiting for another person")
    settle(["otto"])
    yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
    const over = yield* messageWith(slack, "Not done (refused): delete 1 key")
    assert.deepStrictEqual(buttonsOf(over), [])
    yield* stop
    assert.deepStrictEqual(yield* names, before)
    assert.include(refusals(yield* records).join("\n"), "not among the people that the settings name any more")
  }).pipe(Effect.scoped)
)

it.live("a request can be cancelled while it waits, by any of the people, and then never runs", () =>
  Effect.gen(function* () {
    const { names, records, slack, start } = yield* makeWorld()
    const { stop } = yield* start
    const before = yield* names
    yield* confirmed(slack, 'delete-all reason:"leak"', "Plan: delete-all 12 keys")
    const waiting = yield* messageWith(slack, "Waiting for another person")
    yield* Effect.promise(() => slack.press("otto", waiting, "cancel"))
    const over = yield* messageWith(slack, "Cancelled by")
    assert.deepStrictEqual(buttonsOf(over), [])
    yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
    yield* answerWith(slack, "decided already")
    yield* stop
    assert.deepStrictEqual(yield* names, before)
    assert.include(refusals(yield* records).join("\n"), ": cancelled")
  }).pipe(Effect.scoped)
)

it.live("settings that cannot be used let nobody in, and say so", () =>
  Effect.gen(function* () {
    const { home, names, slack, start } = yield* makeWorld()
    const { stop } = yield* start
    const before = yield* names
    writeFileSync(join(home, "keysweep.yaml"), "peeple: []\n")
    yield* Effect.promise(() => slack.command("rita", "delete-all reason:clean-up"))
    yield* answerWith(slack, "peeple")
    yield* stop
    assert.deepStrictEqual(yield* names, before)
    assert.lengthOf(slack.messages, 0)
  }).pipe(Effect.scoped)
)

it.live("I8: no secret in anything that was said or stored, also where a key's name is one or is markup", () =>
  Effect.gen(function* () {
    const hostile = [
      { name: "<!channel> <@U1|x>", key: "ek-proxy-1111111111111111", allocated_ammount: 5 },
      { name: "ek-proxy-2222222222222222", key: "ek-proxy-3333333333333333", allocated_ammount: 5 },
      { name: "`*_~ \u202Eevil\n\nsecond line", key: "ek-proxy-4444444444444444", allocated_ammount: 5 }
    ]
    const world = yield* makeWorld({
      approvals: "delete: 0",
      emulator: accountWith(hostile)
    })
    const { kept, names, slack, start } = world
    const { stop } = yield* start
    yield* Effect.promise(() => slack.command("rita", "list"))
    yield* answerWith(slack, "3 keys")
    yield* Effect.promise(() => slack.command("rita", "delete key:ek-proxy-1111111111111111"))
    const refused = yield* answerWith(slack, "A secret does not belong")
    assert.include(refused.raw, "kf_")
    yield* Effect.promise(() => slack.command("rita", 'delete all reason:"<!here> ek-proxy-1111111111111111"'))
    yield* confirmed(slack, 'delete all reason:"<!here>"', "Plan: delete 3 keys")
    yield* messageWith(slack, "Done: delete 3 keys")
    yield* stop
    assert.deepStrictEqual(yield* names, [])
    const said = slack.said()
    assert.notInclude(said, "ek-")
    assert.notMatch(yield* kept, wholeSecret)
    // Markup of others stands in plain_text only, where Slack does not read it.
    const read = [...slack.messages, ...slack.answers].flatMap(({ blocks, text }) => [
      text,
      ...[...JSON.stringify(blocks).matchAll(/"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(([, inner]) => inner)
    ])
    assert.include(read.join("\n"), "Asked by")
    const mentions = [slack.user("rita"), slack.user("otto")].map((user) => `<@${user}>`)
    const foreign = mentions.reduce((text, mention) => text.replaceAll(mention, ""), read.join("\n"))
    assert.notMatch(foreign, /<!|<@|evil/)
    assert.deepStrictEqual(slack.problems, [])
  }).pipe(Effect.scoped)
)
