import { assert, it } from "@effect/vitest"
import { messageProblems, type Part, viewProblems } from "@keysweep/testkit/BlockLimits"
import { makeRunId } from "@keysweep/audit/RunId"
import { Effect } from "effect"
import { inDatabase } from "./Database.ts"
import { makeBot, people, type Said, textOf } from "./HandlerWorld.ts"
import { keysCalled } from "./Seeds.ts"

const runIn = (text: string): string =>
  /run_[0-9a-z]{9}_[0-9a-z]{10}/.exec(text)?.[0] ?? assert.fail(`no run in ${text}`)

/** Everything that Slack would refuse or read as markup of ours. */
const faultsOf = (said: Said): ReadonlyArray<string> => {
  const messages = [...said.answers, ...said.posted]
  const parts = (blocks: unknown): ReadonlyArray<Part> => JSON.parse(JSON.stringify(blocks))
  const words = (text: string) => ({ type: "plain_text", text })
  const markup = [...textOf([messages, said.modals]).matchAll(/"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(
    ([, text]) => (text ?? "").replaceAll(/<@U[12]>/g, "")
  )
  return [
    ...messages.flatMap(({ blocks, text }) => messageProblems(text, parts(blocks))),
    ...said.modals.flatMap(({ blocks, close, id, subject, submit, title }) =>
      viewProblems({
        title: words(title),
        ...(submit === null ? {} : { submit: words(submit) }),
        close: words(close),
        callback_id: id,
        private_metadata: subject,
        blocks: parts(blocks)
      })
    ),
    ...markup.filter((text) => /<|evil/.test(text)),
    ...messages.flatMap(({ text }) => (/<|evil/.test(text) ? [text] : [])),
    ...(/ek-(?!…)/.test(textOf(said)) ? ["a secret"] : [])
  ]
}

it.live("looks: one key, what is odd, what was run, the log and whether it is whole", () =>
  Effect.gen(function* () {
    const { said, type } = yield* makeBot(`${people}owners: [{ name: staging, person: rita }]\n`)
    const last = () => textOf(said.answers.at(-1))
    yield* type("U1", "show staging")
    assert.match(last(), /staging.*State: active.*Owner: rita.*Written down: unknown/)
    yield* type("U1", "show nothing-like-it")
    assert.match(last(), /No key is called nothing-like-it.*Nothing was changed/)
    yield* type("U1", "audit")
    assert.match(last(), /warnings?.* on 12 keys.*everything key/)
    yield* type("U1", "runs")
    assert.include(last(), "No run yet")
    yield* type("U1", "log")
    assert.match(last(), /refused: |Nothing was done yet|log started/)
    yield* type("U1", "log verify")
    assert.match(last(), /The log (verifies|is empty)/)
    yield* type("U1", "log verify 99:ffff")
    assert.match(last(), /does not verify/)
  }).pipe(Effect.scoped)
)

it.live("a run is undone by its id, and stands in runs and log", () =>
  Effect.gen(function* () {
    const { active, requests, said, submit, type } = yield* makeBot(people)
    const confirmed = Effect.gen(function* () {
      const [request = assert.fail("nothing was opened")] = yield* requests.unfinished
      yield* submit("U1", "confirm", request.id, "")
    })
    yield* type("U1", "disable key:staging reason:move")
    yield* confirmed
    assert.notInclude(yield* active, "staging")
    const run = runIn(textOf(said.posted.at(-1)))
    yield* type("U1", `runs ${run}`)
    assert.match(textOf(said.answers.at(-1)), /disable 1 key by slack:U1: done, because: move.*run finished: done/)
    yield* type("U1", `undo ${run} reason:back`)
    assert.include(textOf(said.posted.at(-1)), "Plan: enable 1 key")
    yield* confirmed
    assert.include(yield* active, "staging")
    yield* type("U1", "resume")
    assert.match(textOf(said.answers.at(-1)), /No run waits to be resumed.*Nothing was changed/)
    yield* type("U1", "runs")
    assert.include(textOf(said.answers.at(-1)), "2 runs")
    yield* type("U1", "undo")
    assert.include(textOf(said.answers.at(-1)), "undo takes the id of one run")
  }).pipe(Effect.scoped)
)

it.live("a hold is heard by everybody and keeps a plan from running until it is lifted", () =>
  Effect.gen(function* () {
    const { looks, names, requests, said, submit, type } = yield* makeBot(people)
    yield* type("U2", "hold key:github-ci")
    assert.include(textOf(said.answers.at(-1)), "says why")
    yield* type("U1", "delete key:github-ci reason:old")
    const [{ id, plan } = assert.fail("nothing was opened")] = yield* requests.unfinished
    yield* type("U2", 'hold key:github-ci reason:"in use"')
    assert.match(textOf(said.posted.at(-1)), /Held.*Key github-ci \(kf_.*in use.*<@U2>/)
    yield* submit("U1", "confirm", id, `delete 1 ${plan.account}`)
    assert.include(yield* names, "github-ci")
    assert.match(textOf(said.posted.at(-2)), /Not done \(blocked\).*hold/)
    yield* type("U1", "delete key:github-ci reason:old")
    assert.include(textOf(said.answers.at(-1)), "Blocked: delete 1 key")
    yield* type("U2", 'release key:github-ci reason:"moved"')
    assert.include(textOf(said.posted.at(-1)), "Hold lifted")
    yield* type("U1", "delete key:github-ci reason:old")
    const [again = assert.fail("nothing was opened")] = yield* requests.unfinished
    yield* type("U2", `hold plan:${again.plan.hash.slice(0, 12)} reason:wait`)
    assert.include(textOf(said.posted.at(-1)), `Plan ${again.plan.hash.slice(0, 12)}: delete of 1 keys`)
    yield* looks.wake(again.id)
    const [void_ = assert.fail(), told = assert.fail()] = said.posted.slice(-2)
    assert.match(textOf(void_), /Not done \(blocked\).*which voids the plan: wait/)
    assert.notInclude(textOf(void_), "action_id")
    assert.match(textOf(told), /<@U1> Plan .* is over: \*blocked\*/)
    yield* submit("U1", "confirm", again.id, `delete 1 ${again.plan.account}`)
    assert.include(yield* names, "github-ci")
    yield* type("U2", "hold plan:ffffffffffff reason:wait")
    assert.include(textOf(said.answers.at(-1)), "No plan that waits begins with ffffffffffff")
  }).pipe(Effect.scoped)
)

it.live("approve lists what waits, and says yes to one by its hash, as the button does", () =>
  Effect.gen(function* () {
    const { names, requests, said, submit, type } = yield* makeBot(`${people}approvals: { delete: 1 }\n`)
    yield* type("U2", "approve")
    assert.include(textOf(said.answers.at(-1)), "Nothing waits")
    yield* type("U1", "delete key:github-ci reason:old")
    const [{ id, plan } = assert.fail("nothing was opened")] = yield* requests.unfinished
    const hash = plan.hash.slice(0, 12)
    yield* type("U2", `approve ${hash}`)
    assert.match(textOf(said.answers.at(-1)), /has not confirmed this plan yet.*Nothing was changed/)
    yield* submit("U1", "confirm", id, `delete 1 ${plan.account}`)
    assert.include(yield* names, "github-ci")
    yield* type("U2", "approve")
    assert.include(textOf(said.answers.at(-1)), `${hash}: delete 1 key, asked by U1, confirmed`)
    yield* type("U1", `approve ${hash}`)
    assert.include(textOf(said.answers.at(-1)), "Nobody approves their own request")
    assert.include(yield* names, "github-ci")
    yield* type("U2", `approve ${hash}`)
    assert.include(textOf(said.answers.at(-1)), "Approved")
    assert.notInclude(yield* names, "github-ci")
  }).pipe(Effect.scoped)
)

it.live("a panic shows both ways, takes one phrase and no second person, and stops every key but the protected", () =>
  Effect.gen(function* () {
    const { active, said, submit, type } = yield* makeBot(
      `${people}approvals: { delete: 1, delete-all: 1 }\nprotected: [{ name: staging, why: needed }]\n`
    )
    yield* type("U3", "panic")
    assert.include(textOf(said.answers.at(-1)), "not among the people")
    yield* type("U1", "panic reason:leak")
    const [reading, form = assert.fail("no form")] = said.modals
    assert.include(textOf(reading), "Reading the account")
    const phrase = /panic disable \d+ acct_[a-z2-7]{16}/.exec(textOf(form))?.[0] ?? ""
    assert.match(textOf(form), /panic delete \d+ acct_.*never comes back.*Left alone: staging/)
    assert.deepStrictEqual(yield* submit("U1", "panic", form.subject, "panic"), {
      phrase: "This is neither of the two phrases. Nothing was changed."
    })
    assert.isNull(yield* submit("U3", "panic", form.subject, phrase))
    assert.isAbove((yield* active).length, 1)
    assert.isNull(yield* submit("U1", "panic", form.subject, phrase))
    assert.deepStrictEqual(yield* active, ["staging"])
    assert.match(textOf(said.posted.at(-1)), /Done: panic disable.*Reason: leak.*master key exposed/)
    assert.deepStrictEqual(faultsOf(said), [])
    yield* submit("U1", "panic", form.subject, phrase)
    assert.match(textOf(said.posted.at(-1)), /Not done.*keys have changed since/)
  }).pipe(Effect.scoped)
)

it.live("a panic that a server has left before it began is begun by another one, not after ten minutes any more", () =>
  Effect.gen(function* () {
    const { active, again, database, errands, said, type } = yield* makeBot(people)
    yield* type("U1", "panic")
    const phrase = /panic disable \d+ acct_[a-z2-7]{16}/.exec(textOf(said.modals.at(-1)))?.[0] ?? ""
    const asked = Effect.gen(function* () {
      const run = yield* makeRunId
      const id = yield* errands.open({
        user: "U1",
        channel: "C1",
        responseUrl: "",
        run,
        panic: { phrase, reason: null }
      })
      return { id, run }
    })
    const old = yield* asked
    yield* inDatabase(
      database,
      (sql) => sql`update keysweep_slack_errand
        set opened = (opened::jsonb || '{"at":"2026-01-01T00:00:00.000Z"}')::text where id = ${old.id}`
    )
    const before = yield* active
    assert.isNull(yield* again(old.id))
    assert.match(textOf(said.posted.at(-1)), /Not done: panic disable.*was away when this was to begin/)
    assert.deepStrictEqual(yield* active, before)
    const { id, run } = yield* asked
    assert.isNull(yield* again(id))
    assert.deepStrictEqual(yield* active, [])
    assert.match(textOf(said.posted.at(-1)), new RegExp(`Done: panic disable.*${run}`))
    const many = said.posted.length
    assert.isNull(yield* again(id))
    assert.lengthOf(said.posted, many)
  }).pipe(Effect.scoped)
)

it.live("a panic goes on where nothing can be kept of it, and whoever asked is told", () =>
  Effect.gen(function* () {
    const { active, database, said, submit, type } = yield* makeBot(people)
    yield* inDatabase(database, (sql) => sql`drop table keysweep_slack_errand`)
    yield* type("U1", "panic")
    const form = said.modals.at(-1) ?? assert.fail("no form")
    const phrase = /panic disable \d+ acct_[a-z2-7]{16}/.exec(textOf(form))?.[0] ?? ""
    assert.isNull(yield* submit("U1", "panic", form.subject, phrase))
    assert.deepStrictEqual(yield* active, [])
    assert.include(textOf(said.answers.at(-1)), `Done: ${phrase}`)
  }).pipe(Effect.scoped)
)

it.live("what is not known is not guessed: it says what may have been meant, or where it is done", () =>
  Effect.gen(function* () {
    const { said, type } = yield* makeBot(people)
    for (const [typed, answer] of [
      ["lst", "Did you mean list?"],
      ["delte key:staging", "Did you mean delete?"],
      ["delete nmae:staging", "Did you mean name?"],
      [
        "recreate",
        "recreate is not done from Slack. A new value goes to its place, never through a message: keysweep recreate"
      ],
      ["rotate key:staging", "keysweep rotate"],
      ["help delete", "/keysweep delete"],
      ["help scan", "keysweep scan"],
      ["help hlod", "Did you mean hold?"],
      ["help", "/keysweep panic"],
      ["contain key:staging reason:less", "Say what to narrow"],
      ["contain key:staging expires:soon", "expires: takes 7d"],
      ["contain key:staging budget:100000 limit:daily reason:more", "contain only narrows: its budget is"],
      ["show", "show takes one key"],
      ["log all", "log verify"],
      ["approve please", "approve takes one plan"]
    ] as const) {
      yield* type("U1", typed)
      assert.include(textOf(said.answers.at(-1)), answer)
    }
    yield* type("U1", "contain key:staging addresses:10.0.0.0/8 budget:1 limit:daily reason:less")
    assert.match(textOf(said.posted.at(-1)), /Plan: contain 1 key.*10\.0\.0\.0\/8/)
    assert.deepStrictEqual(faultsOf(said), [])
  }).pipe(Effect.scoped)
)

const hostile = [
  "<!channel> <@U9|x> <https://example.com|evil>",
  "ek-proxy-9999999999999999",
  "`*_~ \u202Eevil\n\nsecond line",
  "&".repeat(200),
  '=HYPERLINK("https://example.com")',
  "",
  "a".repeat(300),
  "👩‍💻".repeat(50)
]

it.live(
  "I8: no command's answer holds a secret, markup of others, or more than Slack takes, whatever the keys are called",
  () =>
    Effect.gen(function* () {
      const world = yield* makeBot(people, "taken", keysCalled([...hostile, ...hostile]))
      const { requests, said, submit, type } = world
      for (const text of [
        "list",
        "audit",
        "log",
        "log verify",
        "runs",
        "approve",
        "show <!here>",
        "delete name:<!channel>*",
        "delete name:<!channel>* reason:<!here>",
        "contain all budget:1 limit:daily reason:<!here>",
        "disable all reason:<!here>",
        "panic reason:<!here>",
        "help <!here>",
        "<!here>",
        "hold account reason:<!here>",
        "delete all",
        "release account reason:<@U9>",
        "log"
      ])
        yield* type("U1", text)
      const key = /kf_[a-z2-7]{16}/g
      for (const id of new Set(textOf(said.answers[0]).match(key))) yield* type("U2", `show ${id}`)
      for (const { id, plan } of yield* requests.unfinished)
        if (plan.action === "disable") yield* submit("U1", "confirm", id, "")
      yield* type("U2", "runs")
      const run = runIn(textOf(said.answers.at(-1)))
      for (const text of [`runs ${run}`, `undo ${run} reason:<!here>`, "log", "approve"]) yield* type("U2", text)
      assert.include(textOf(said.posted), "Done: disable")
      assert.deepStrictEqual(faultsOf(said), [])
    }).pipe(Effect.scoped)
)

it.live.each([100, 2000])("%i keys: answers stay within Slack's limits, and all of it comes as a file", (count) =>
  Effect.gen(function* () {
    const names = Array.from({ length: count }, (_, at) => `${hostile[at % 5]}${at}`)
    const { said, type } = yield* makeBot(people, "taken", keysCalled(names))
    for (const text of ["list", "audit", "delete all reason:end", "panic reason:end"]) yield* type("U1", text)
    assert.deepStrictEqual(faultsOf(said), [])
    assert.deepStrictEqual(
      said.files.map(({ name, to }) => [name.replace(/[0-9a-f]{12}/, "…"), to]),
      [
        ["keys.csv", "U1"],
        ["audit.csv", "U1"],
        ["plan-….csv", { channel: "C1", ts: "1" }]
      ]
    )
    assert.include(textOf(said.answers[0]), "keys.csv, which I have sent to you alone")
    const [keys = assert.fail("no file"), , plan = assert.fail("no plan")] = said.files
    assert.lengthOf(keys.text.split("\r\n"), count + 1)
    assert.lengthOf(plan.text.split("\r\n"), count + 1)
    assert.include(keys.text, `"'=HYPERLINK`)
  }).pipe(Effect.scoped)
)
