import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Redacted } from "effect"
import { appendFileSync } from "node:fs"
import { endDatabase, running, stopped } from "./BotProcess.ts"
import { inDatabase, isSending } from "./Database.ts"
import { buttonsOf, calledBelow, confirmed, eventually, makeWorld, messageWith, topMessages } from "./World.ts"

type World = Effect.Effect.Success<ReturnType<typeof makeWorld>>

/** Rita lets keys soak: she asks, and types the phrase. */
const letSoak = ({ slack }: World, keys: string, after: string, keysAre: string) =>
  Effect.map(
    confirmed(
      slack,
      `disable ${keys} then-delete after:${after} reason:"the event is over"`,
      `Plan: disable ${keysAre}, then delete`
    ),
    ({ planned }) => planned
  )

const soakingText = "Soaking until"
const alone = (timeScale: number) => ({ approvals: "delete: 0", emulator: { timeScale } })

/** Until nothing is under way: whoever dies with a claim or a request is waited for. */
const idle = ({ database }: World) =>
  Effect.repeat(
    Effect.zipRight(
      Effect.sleep("20 millis"),
      inDatabase(
        database,
        (sql) => sql`select 1 from keysweep_slack_request where looking
          union all select 1 from keysweep_slack_chore where looking
          union all select 1 from keysweep_pacer where state like '%"open":true%'`
      )
    ),
    { until: (busy) => busy.length === 0 }
  )

/** The runs on record that deleted keys, and the requests that did. */
const deletions = ({ records, upstream }: World) =>
  Effect.gen(function* () {
    const runs = (yield* records).filter(({ event }) => event._tag === "RunStarted" && event.action === "delete")
    const sent = (yield* upstream.requests).filter(({ path, status }) => path.endsWith("/remove") && status === 200)
    return [runs.length, sent.length]
  })

it.live(
  "what soaks is deleted by itself when its time has come, in the message of the plan that was confirmed and approved",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ emulator: { timeScale: 600 } })
      const { active, names, records, slack, start, verification } = world
      const { stop } = yield* start
      const planned = yield* letSoak(world, "key:github-ci key:staging", "1h", "2 keys")
      const waiting = yield* messageWith(slack, "Waiting for another person")
      assert.include(yield* active, "github-ci")
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      const soaking = yield* messageWith(slack, soakingText)
      assert.include(JSON.stringify(soaking), "/keysweep undo run_")
      const done = yield* messageWith(slack, "Done: disable 2 keys, then delete")
      assert.match(JSON.stringify(done), /2 keys deleted after the soak.*Anchor `\d+:[0-9a-f]{64}`/)
      assert.deepStrictEqual([done.ts, buttonsOf(done)], [planned.ts, []])
      assert.notInclude(yield* names, "github-ci")
      assert.deepStrictEqual(yield* deletions(world), [1, 2])
      const all = yield* records
      const until = all.flatMap(({ event }) =>
        event._tag === "SoakStarted" ? [DateTime.toEpochMillis(event.until)] : []
      )
      const deletion = all.find(({ event }) => event._tag === "RunStarted" && event.action === "delete")
      assert.isAtLeast(deletion === undefined ? 0 : DateTime.toEpochMillis(deletion.at), Math.max(...until))
      assert.deepStrictEqual(yield* calledBelow(slack, done, "is over: *done*"), ["rita", "otto"])
      assert.deepStrictEqual(topMessages(slack), [done])
      yield* stop
      assert.isTrue((yield* verification).ok)
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)

it.live(
  "somebody who misses a soaking key keeps it from being deleted; who asked and who approved are told once, whatever restarts, and undo brings it back",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ emulator: { timeScale: 600 } })
      const { active, records, slack, start, upstream } = world
      const first = yield* start
      const planned = yield* letSoak(world, "key:github-ci key:staging", "90d", "2 keys")
      const waiting = yield* messageWith(slack, "Waiting for another person")
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      yield* messageWith(slack, soakingText)
      const key = (yield* upstream.state).accounts[0]?.keys.find(({ name }) => name === "github-ci")?.key
      yield* Effect.promise(() =>
        fetch(`${upstream.url}/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${String(key)}`, "content-type": "application/json" },
          body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] })
        })
      )
      const told = yield* messageWith(slack, "somebody should look")
      for (const text of ["github-ci", "refused since it was disabled", "/keysweep undo run_"]) {
        assert.include(JSON.stringify(told), text)
      }
      for (const name of ["rita", "otto"]) assert.include(JSON.stringify(told), `<@${slack.user(name)}>`)
      assert.strictEqual(
        slack.calls.filter(({ method }) => method === "chat.postMessage").at(-1)?.fields["thread_ts"],
        planned.ts
      )
      const shown = yield* messageWith(slack, "It is not deleted by itself any more")
      assert.strictEqual(shown.ts, planned.ts)
      yield* first.stop
      const second = yield* start
      const run = /run_[0-9a-z]{9}_[0-9a-z]{10}/.exec(JSON.stringify(shown))?.[0]
      yield* Effect.promise(() => slack.command("rita", `undo ${run} reason:"they need it"`))
      const undo = yield* messageWith(slack, "Plan: enable 2 keys")
      yield* Effect.promise(() => slack.press("rita", undo, "confirm"))
      yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
      yield* Effect.promise(() => slack.submit("rita"))
      const over = yield* messageWith(slack, "Over, nothing was deleted: disable 2 keys, then delete")
      assert.strictEqual(over.ts, planned.ts)
      assert.include(JSON.stringify(over), "is undone")
      assert.include(yield* active, "github-ci")
      yield* second.stop
      assert.lengthOf(
        (yield* records).filter(({ event }) => event._tag === "NoticeSent"),
        1
      )
      assert.deepStrictEqual(yield* calledBelow(slack, over, "is over: *nothing*"), ["rita", "otto"])
      assert.lengthOf(topMessages(slack), 2)
      assert.deepStrictEqual(yield* deletions(world), [0, 0])
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)

it.live(
  "a soak that was set going elsewhere is shown in one message and finished, once, by one of two servers; a hold keeps it",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(alone(600))
      const { database, elsewhere, home, names, slack, start, verification } = world
      const said = `slack: { soaks: ${slack.channel} }\nowners: [{ name: staging, person: rita }]\n`
      appendFileSync(`${home}/keysweep.yaml`, `\n${said}`)
      const soak = (key: string) =>
        elsewhere((sweep) =>
          Effect.gen(function* () {
            const planning = yield* sweep.plan({
              action: "disable",
              selector: { keys: [key] },
              reason: "the event is over",
              thenDelete: { after: Duration.minutes(30) }
            })
            if (planning._tag === "Nothing") return assert.fail(planning.detail)
            yield* sweep.apply(planning.plan, { plan: planning.plan.hash, how: "hash" })
            return planning.plan.hash
          })
        )
      const held = yield* soak("staging")
      yield* elsewhere((sweep) => sweep.hold({ plan: held }, "wait for the owner"))
      yield* soak("github-ci")
      const leaseOf = (holder: string | null) =>
        inDatabase(
          database,
          (sql) => sql`update keysweep_lease set holder = ${holder}, seen = clock_timestamp() + interval '1 hour'`
        )
      yield* leaseOf("a run that goes on")
      // Slack does not take the first message: it is posted when the account is looked at again.
      slack.faults.push({ method: "chat.postMessage", status: 500 })
      const both = yield* Effect.all([start, start], { concurrency: 2 })
      // It has come, found the account held, and claims nothing until it comes again.
      const left = inDatabase(
        database,
        (sql) => sql`select from keysweep_slack_chore where name = 'soaks' and look > 0 and not looking`
      )
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), left), { until: (rows) => rows.length > 0 })
      assert.includeMembers(yield* names, ["github-ci", "staging"])
      const shown = yield* messageWith(slack, "staging: disabled, deleted from")
      assert.match(JSON.stringify(shown), /Begun elsewhere by `os:reader`/)
      assert.include(JSON.stringify(shown), `<@${slack.user("rita")}>: yours are among them`)
      const other = yield* messageWith(slack, "github-ci: disabled, deleted from")
      yield* leaseOf(null)
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("50 millis"), names), {
        until: (left) => !left.includes("github-ci")
      })
      assert.include(yield* names, "staging")
      yield* messageWith(slack, "Not deleted: hold: wait for the owner")
      const hash = held.slice(0, 12)
      assert.include(JSON.stringify(shown), `/keysweep hold plan:${hash}`)
      yield* Effect.promise(() => slack.command("rita", `hold plan:${hash} reason:"one more day"`))
      const heard = yield* messageWith(slack, `Plan ${hash}: disable of 1 keys`)
      yield* Effect.promise(() => slack.command("rita", `release plan:${hash} reason:"done"`))
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("50 millis"), names), {
        until: (left) => !left.includes("staging")
      })
      for (const { channel, ts } of [shown, other])
        yield* eventually("the end", () =>
          slack.shown().find((it) => it.ts === ts && it.channel === channel && it.text.startsWith("Soak over (done)"))
        )
      for (const { stop } of both) yield* stop
      assert.deepStrictEqual(
        topMessages(slack)
          .map(({ ts }) => ts)
          .slice(0, 3),
        [other, shown, heard].map(({ ts }) => ts).sort()
      )
      assert.deepStrictEqual(yield* deletions(world), [2, 2])
      assert.isTrue((yield* verification).ok)
    }).pipe(Effect.scoped)
)

it.live.each([["a given database"], ["its own database"]] as const)(
  "I6: a SIGKILL of the bot in a soak, with %s: a restart deletes what is due, once, and the message ends",
  ([database]) =>
    Effect.gen(function* () {
      const own = database === "its own database"
      const world = yield* makeWorld({ ...alone(600), ...(own ? { database: "its own" } : {}) })
      const { environment, home, names, slack, verification } = world
      if (own) yield* Effect.addFinalizer(() => endDatabase(home))
      const first = yield* running(environment)
      slack.connect(`${first.url}/slack/events`)
      const planned = yield* letSoak(world, "key:github-ci key:staging", "2h", "2 keys")
      yield* messageWith(slack, soakingText)
      yield* idle(world)
      yield* stopped(first, "SIGKILL")
      assert.include(yield* names, "github-ci")
      const second = yield* running(environment)
      const done = yield* messageWith(slack, "Done: disable 2 keys, then delete")
      assert.strictEqual(done.ts, planned.ts)
      assert.notInclude(yield* names, "github-ci")
      assert.deepStrictEqual(yield* deletions(world), [1, 2])
      assert.isTrue((yield* verification).ok)
      assert.strictEqual(yield* stopped(second, "SIGTERM"), 0)
    }).pipe(Effect.scoped)
)

it.live("I6: a SIGKILL in the deletion that follows a soak: a restart goes on, and deletes each key once", () =>
  Effect.gen(function* () {
    // Four requests every three seconds: the bot is killed while it waits for the next four.
    const world = yield* makeWorld({ approvals: "delete: 0", emulator: { rpm: 5, timeScale: 20 } })
    const { active, database, environment, names, slack, verification } = world
    const six = (yield* active).slice(0, 6)
    const first = yield* running(environment)
    slack.connect(`${first.url}/slack/events`)
    const planned = yield* letSoak(world, six.map((name) => `key:"${name}"`).join(" "), "1m", "6 keys")
    const left = Effect.map(names, (all) => all.filter((name) => six.includes(name)).length)
    while ((yield* left) > 4 || (yield* isSending(database))) yield* Effect.sleep("20 millis")
    yield* stopped(first, "SIGKILL")
    assert.isAbove(yield* left, 0)
    // What it had claimed is let go when it has been silent for long.
    yield* inDatabase(database, (sql) =>
      Effect.all([
        sql`update keysweep_slack_request set wake_at = clock_timestamp()`,
        sql`update keysweep_slack_chore set wake_at = clock_timestamp()`
      ])
    )
    const second = yield* running(environment)
    const done = yield* messageWith(slack, "Done: disable 6 keys, then delete")
    assert.strictEqual(done.ts, planned.ts)
    assert.strictEqual(yield* left, 0)
    assert.deepStrictEqual(yield* deletions(world), [1, 6])
    assert.isTrue((yield* verification).ok)
    assert.strictEqual(yield* stopped(second, "SIGTERM"), 0)
  }).pipe(Effect.scoped)
)

it.live(
  "an audit is posted where and when the settings say, once for all servers, whatever restarts; a long one with a file",
  () =>
    Effect.gen(function* () {
      const { home, slack, start, upstream } = yield* makeWorld()
      for (const name of ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]) {
        yield* Effect.promise(() =>
          fetch(`${upstream.url}/auth/proxy/create`, {
            method: "POST",
            headers: { authorization: `Bearer ${Redacted.value(upstream.apiKey)}`, "content-type": "application/json" },
            body: JSON.stringify({ name, expires_at: -1, allocated_ammount: 1 })
          })
        )
      }
      appendFileSync(`${home}/keysweep.yaml`, `\nslack: { audit: { channel: ${slack.channel}, every: 30d } }\n`)
      const both = yield* Effect.all([start, start], { concurrency: 2 })
      const posted = yield* messageWith(slack, "warning")
      assert.strictEqual(posted.channel, slack.channel)
      assert.include(JSON.stringify(posted), "github-ci")
      yield* eventually("its file", () => slack.calls.find(({ method }) => method === "files.completeUploadExternal"))
      for (const { stop } of both) yield* stop
      const again = yield* start
      yield* Effect.promise(() => slack.command("rita", "list"))
      yield* eventually("an answer", () => slack.answers[0])
      yield* again.stop
      assert.lengthOf(slack.shown(), 1)
      assert.deepStrictEqual(slack.problems, [])
    }).pipe(Effect.scoped)
)
