import { assert, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { makeBot, people, textOf } from "./HandlerWorld.ts"

it.live("a selection that cannot be answered says which keys may have been meant", () =>
  Effect.gen(function* () {
    const { said, type } = yield* makeBot(people)
    yield* type("U1", "delete key:github reason:clean-up")
    assert.match(
      textOf(said.answers[0]),
      /No key is called github.*Perhaps you mean github-ci \(kf_[a-z2-7]{16}\).*Nothing was changed/
    )
    yield* type("U1", "delete reason:clean-up")
    assert.include(textOf(said.answers[1]), "Nothing selects the keys")
    yield* type("U1", "delete name:nothing-* reason:clean-up")
    assert.include(textOf(said.answers[2]), "Nothing to do: no key was selected")
    yield* type("U1", "sweep")
    assert.include(textOf(said.answers[3]), "I do not know sweep")
    assert.isEmpty(said.posted)
  }).pipe(Effect.scoped)
)

it.live("a plan that is blocked bothers nobody: it is shown to whoever asked, with what blocks it", () =>
  Effect.gen(function* () {
    const { requests, said, submit, type } = yield* makeBot(`${people}caps: { count: 2 }\n`)
    yield* type("U1", "delete all reason:clean-up")
    assert.include(textOf(said.answers[0]), "Blocked: delete 12 keys")
    assert.include(textOf(said.answers[0]), "cap")
    assert.isEmpty(said.posted)
    yield* type("U1", 'delete all reason:"end of the project" override')
    assert.include(textOf(said.posted[0]), "Plan: delete 12 keys")
    assert.include(textOf(said.posted[0]), "*Overridden* with the reason above: cap")
    const [request = assert.fail("nothing was opened")] = yield* requests.unfinished
    yield* submit("U1", "confirm", request.id, `delete 12 ${request.plan.account}`)
    const reviews = said.posted.filter(({ text }) => text.includes("somebody should review this"))
    assert.lengthOf(reviews, 1)
    assert.match(textOf(reviews[0]), /<@U2> <@U1> overrides.*\*cap\*.*hold plan:.*end of the project/)
    assert.match(textOf(said.posted.at(-1)), /Done: delete 12 keys.*Overridden.*To be reviewed/)
  }).pipe(Effect.scoped)
)

it.live("where the bot is not in the channel, whoever asked is told to invite it", () =>
  Effect.gen(function* () {
    const { said, type } = yield* makeBot(people, "not_in_channel")
    yield* type("U1", "disable key:github-ci reason:clean-up")
    assert.include(textOf(said.answers[0]), "Invite me to this channel")
  }).pipe(Effect.scoped)
)

it.live("an upstream that refuses the master key, or does not answer, is said in words, and nothing was changed", () =>
  Effect.gen(function* () {
    const { said, type, upstream } = yield* makeBot(people)
    yield* upstream.faults([{ match: { method: "GET", path: "/auth/proxy" }, times: 1, kind: "status", status: 401 }])
    yield* type("U1", "list")
    assert.include(textOf(said.answers[0]), "Nothing was changed")
    yield* type("U1", "list")
    assert.include(textOf(said.answers[1]), "12 keys")
  }).pipe(Effect.scoped)
)

it.live("a form about a plan that is not known shows an error and runs nothing", () =>
  Effect.gen(function* () {
    const { bot } = yield* makeBot(people)
    for (const subject of ["", "req_0mwqx5fdh_uxjtqoff0y", "../../signing-key"]) {
      const { errors } = yield* bot.submit({ user: "U1", team: "T1", form: "confirm", subject, typed: "delete 1 x" })
      assert.deepStrictEqual(errors, { phrase: "I do not know this plan. Nothing was changed." })
    }
  }).pipe(Effect.scoped)
)

it.effect("what nobody decided in time ends as expired, not as denied, and loses its buttons", () =>
  Effect.gen(function* () {
    const { looks, requests, said, type } = yield* makeBot(people)
    yield* type("U1", "disable key:github-ci reason:clean-up")
    const [request = assert.fail("nothing was opened")] = yield* requests.unfinished
    assert.lengthOf(said.posted, 1)
    yield* TestClock.adjust("12 minutes")
    yield* looks.wake(request.id)
    yield* looks.wake(request.id)
    assert.lengthOf(said.posted, 3)
    assert.match(textOf(said.posted[2]), /<@U1> Plan .* is over: \*stale\*/)
    assert.include(textOf(said.posted[1]), "it was not denied")
    assert.notInclude(textOf(said.posted[1]), "action_id")
  }).pipe(Effect.scoped)
)

it.live("listens in the workspace and the channels that the settings name, and nowhere else", () =>
  Effect.gen(function* () {
    const { bot, said, type } = yield* makeBot(`${people}slack: { workspace: T1, channels: [C1] }\n`)
    yield* type("U1", "list")
    assert.include(textOf(said.answers[0]), "12 keys")
    yield* bot.command({
      user: "U1",
      team: "T1",
      channel: "C2",
      text: "list",
      signature: "v0=a",
      trigger: "",
      responseUrl: ""
    })
    assert.include(textOf(said.answers[1]), "not in a channel that the settings name")
    yield* bot.command({
      user: "U1",
      team: "T2",
      channel: "C1",
      text: "help",
      signature: "v0=b",
      trigger: "",
      responseUrl: ""
    })
    assert.include(textOf(said.answers[2]), "not of the workspace that the settings name")
    const { errors } = yield* bot.submit({ user: "U1", team: "T2", form: "confirm", subject: "", typed: "" })
    assert.include(JSON.stringify(errors), "not of the workspace")
  }).pipe(Effect.scoped)
)

it.live("a phrase that was typed wrongly three times ends the request", () =>
  Effect.gen(function* () {
    const { bot, names, requests, said, type } = yield* makeBot(people)
    yield* type("U1", "delete key:github-ci reason:clean-up")
    const [request = assert.fail("nothing was opened")] = yield* requests.unfinished
    const type3 = (typed: string) => bot.submit({ user: "U1", team: "T1", form: "confirm", subject: request.id, typed })
    assert.isNotNull((yield* type3("delete 2 keys")).errors)
    assert.isNotNull((yield* type3("")).errors)
    const { after, errors } = yield* type3("DELETE")
    assert.isNull(errors)
    yield* after
    assert.include(textOf(said.posted.at(-1)), "three times")
    const phrase = `delete 1 ${request.plan.account}`
    yield* (yield* type3(phrase)).after
    assert.include(yield* names, "github-ci")
  }).pipe(Effect.scoped)
)

it.live("a plan without a reason is refused with the command to send, before anything is read", () =>
  Effect.gen(function* () {
    const { said, type, upstream } = yield* makeBot(people)
    for (const text of ["delete key:github-ci", "disable all then-delete after:30d", "delete-all reason:"]) {
      yield* type("U1", text)
    }
    assert.include(textOf(said.answers[0]), 'Send: /keysweep delete key:github-ci reason:\\"why\\"')
    assert.include(textOf(said.answers[1]), "disable all then-delete after:30d reason:")
    assert.include(textOf(said.answers[2]), "reason")
    assert.isEmpty(said.posted)
    assert.isEmpty(yield* upstream.requests)
  }).pipe(Effect.scoped)
)
