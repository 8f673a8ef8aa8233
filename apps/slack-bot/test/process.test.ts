import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inject } from "vitest"
import { endDatabase, postmaster, running, stopped } from "./BotProcess.ts"
import { inDatabase, isSending } from "./Database.ts"
import { answerWith, buttonsOf, confirmed, eventually, makeWorld, messageWith, wholeSecret } from "./World.ts"

/** What takes traces and metrics; keeps each path and body. */
const startCollector = Effect.gen(function* () {
  const told: Array<string> = []
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const it = createServer((request, response) => {
        let body = ""
        request.on("data", (chunk) => (body += String(chunk)))
        request.on("end", () => {
          told.push(`${request.url} ${body}`)
          response.end("{}")
        })
      })
      await new Promise<void>((resolve) => it.listen(0, "127.0.0.1", resolve))
      return it
    }),
    (it) => Effect.sync(() => it.close())
  )
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, told }
})

const startsOwnDatabase =
  "a SIGKILL while a plan waits for approval is forgotten by nobody: after a restart, with its own database, the approval runs it"

it.live(startsOwnDatabase, () =>
  Effect.gen(function* () {
    const { home, kept, names, slack, verification, ...world } = yield* makeWorld({ database: "its own" })
    const { environment } = world
    yield* Effect.addFinalizer(() => endDatabase(home))
    const first = yield* running(environment)
    slack.connect(`${first.url}/slack/events`)
    const { planned } = yield* confirmed(slack, "delete key:github-ci reason:clean-up", "Plan: delete 1 key")
    const waiting = yield* messageWith(slack, "Waiting for another person")
    yield* stopped(first, "SIGKILL")
    assert.include(yield* names, "github-ci")
    const database = postmaster(home)
    assert.strictEqual(statSync(join(home, "postgres")).mode & 0o777, 0o700)

    const second = yield* running(environment)
    slack.connect(`${second.url}/slack/events`)
    yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
    const done = yield* messageWith(slack, "Done: delete 1 key")
    assert.strictEqual(done.ts, planned.ts)
    assert.notInclude(yield* names, "github-ci")
    assert.strictEqual(postmaster(home), database)
    assert.isTrue((yield* verification).ok)
    assert.notInclude(`${slack.said()}${first.output()}${second.output()}`, "ek-")
    assert.notMatch(yield* kept, wholeSecret)
    assert.strictEqual(yield* stopped(second, "SIGTERM"), 0)
    assert.isNull(postmaster(home))

    // The runbook's backup: a copy of the folder while the bot is stopped, put back elsewhere.
    const restored = `${home}-restored`
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(
        endDatabase(restored),
        Effect.sync(() => rmSync(restored, { recursive: true, force: true }))
      )
    )
    execFileSync("cp", ["-a", home, restored])
    const third = yield* running(new Map([...environment, ["KEYSWEEP_HOME", restored]]))
    slack.connect(`${third.url}/slack/events`)
    const anchor = /Anchor `(\d+:[0-9a-f]{64})`/.exec(JSON.stringify(done))?.[1]
    yield* Effect.promise(() => slack.command("rita", `log verify ${anchor}`))
    yield* answerWith(slack, "The log verifies")
    assert.strictEqual(yield* stopped(third, "SIGTERM"), 0)
  }).pipe(Effect.scoped)
)

it.live.each([["a given database"], ["its own database"]] as const)(
  "I6: a SIGKILL while a plan waits for approval and one in the deletion, with %s: a restart goes on, and deletes each key once",
  ([which]) =>
    Effect.gen(function* () {
      const own = which === "its own database"
      // Four requests every two seconds: the bot is killed while it waits for the next four. One that is killed with a
      // request under way is waited for by the next one's pacer, for as long as a request may take.
      const { database, environment, home, names, records, slack, upstream, verification } = yield* makeWorld({
        approvals: "delete: 1",
        emulator: { rpm: 5, timeScale: 30 },
        ...(own ? { database: "its own" } : {})
      })
      if (own) yield* Effect.addFinalizer(() => endDatabase(home))
      const first = yield* running(environment)
      slack.connect(`${first.url}/slack/events`)
      const { planned } = yield* confirmed(slack, "delete all reason:clean-up", "Plan: delete 12 keys")
      const waiting = yield* messageWith(slack, "Waiting for another person")
      yield* stopped(first, "SIGKILL")
      assert.lengthOf(yield* names, 12)

      const second = yield* running(environment)
      slack.connect(`${second.url}/slack/events`)
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      while ((yield* names).length > 10 || (yield* isSending(database))) yield* Effect.sleep("20 millis")
      yield* stopped(second, "SIGKILL")
      assert.isNotEmpty(yield* names)

      const third = yield* running(environment)
      const done = yield* messageWith(slack, "Done: delete 12 keys")
      assert.strictEqual(done.ts, planned.ts)
      assert.deepStrictEqual(buttonsOf(done), [])
      assert.deepStrictEqual(yield* names, [])
      const all = yield* records
      assert.lengthOf(
        all.filter(({ event }) => event._tag === "RunStarted"),
        1
      )
      const removals = (yield* upstream.requests).filter(
        ({ path, status }) => path.endsWith("/remove") && status === 200
      )
      assert.lengthOf(removals, 12)
      assert.isTrue((yield* verification).ok)
      assert.strictEqual(yield* stopped(third, "SIGTERM"), 0)
    }).pipe(Effect.scoped)
)

it.live.each([["panic"], ["resume"]] as const)(
  "I6: a SIGKILL in the middle of a %s: the next server goes on by itself, in the same message",
  ([what]) =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ emulator: { rpm: 5, timeScale: 30 } })
      const { active, database, elsewhere, environment, records, slack, verification } = world
      const until = (left: number) =>
        Effect.repeat(Effect.sleep("20 millis"), {
          until: () =>
            Effect.map(
              Effect.all([active, isSending(database)]),
              ([keys, sending]) => keys.length <= left && keys.length > 0 && !sending
            )
        })
      const all = (yield* active).length
      if (what === "resume") {
        const cutOff = elsewhere((sweep) =>
          Effect.gen(function* () {
            const planning = yield* sweep.plan({ action: "disable", selector: { all: true }, reason: "the end" })
            if (planning._tag === "Nothing") return assert.fail(planning.detail)
            yield* sweep.apply(planning.plan, { plan: planning.plan.hash, how: "hash" })
          })
        )
        yield* Effect.raceFirst(until(all - 1), cutOff)
      }
      const first = yield* running(environment)
      slack.connect(`${first.url}/slack/events`)
      if (what === "panic") {
        yield* Effect.promise(() => slack.command("rita", "panic reason:leak"))
        const form = yield* eventually("the form", () => {
          const view = slack.views.get(slack.user("rita"))
          return JSON.stringify(view ?? "").includes("panic disable") ? view : undefined
        })
        const phrase = /panic disable \d+ acct_[a-z2-7]{16}/.exec(JSON.stringify(form))?.[0] ?? ""
        yield* Effect.promise(() => slack.submit("rita", { phrase }))
      } else yield* Effect.promise(() => slack.command("rita", "resume"))
      const begun = yield* messageWith(slack, `Running: ${what}`)
      yield* until((yield* active).length - 1)
      yield* stopped(first, "SIGKILL")
      assert.isNotEmpty(yield* active)
      // Its claim would be over after 20 s.
      yield* inDatabase(database, (sql) => sql`update keysweep_slack_errand set wake_at = clock_timestamp()`)

      const second = yield* running(environment)
      const done = yield* messageWith(slack, `Done: ${what}`)
      assert.strictEqual(done.ts, begun.ts)
      assert.deepStrictEqual(yield* active, [])
      assert.strictEqual(yield* stopped(second, "SIGTERM"), 0)
      assert.lengthOf(
        (yield* records).filter(({ event }) => event._tag === "RunStarted"),
        1
      )
      assert.lengthOf(slack.shown(), 1)
      assert.isTrue((yield* verification).ok)
    }).pipe(Effect.scoped)
)

it.live(
  "says that it is well and ready, not ready with unusable settings; answers Slack's own check, and no large body",
  () =>
    Effect.gen(function* () {
      const { environment, home, settle } = yield* makeWorld()
      const { url } = yield* running(environment)
      const status = (path: string) => Effect.promise(async () => (await fetch(`${url}${path}`)).status)
      assert.deepStrictEqual(
        [yield* status("/health"), yield* status("/ready"), yield* status("/slack/events"), yield* status("/")],
        [200, 200, 404, 404]
      )
      const post = (body: string) =>
        Effect.promise(async () => {
          const headers = { "content-type": "application/x-www-form-urlencoded" }
          return (await fetch(`${url}/slack/events`, { method: "POST", headers, body })).status
        })
      assert.deepStrictEqual(
        [yield* post("ssl_check=1"), yield* post("a".repeat(300_000)), yield* post("")],
        [200, 413, 401]
      )
      settle(["otto"])
      assert.strictEqual(yield* status("/ready"), 200)
      writeFileSync(`${home}/keysweep.yaml`, "peeple: []")
      assert.deepStrictEqual([yield* status("/health"), yield* status("/ready")], [200, 503])
    }).pipe(Effect.scoped)
)

it.live(
  "a stop takes nothing new, and lets a run that has begun come to its end; I8: its traces and metrics hold no secret",
  () =>
    Effect.gen(function* () {
      const { environment, names, slack, upstream } = yield* makeWorld({ approvals: "delete: 0" })
      const collector = yield* startCollector
      const bot = yield* running(new Map([...environment, ["OTEL_EXPORTER_OTLP_ENDPOINT", collector.url]]))
      slack.connect(`${bot.url}/slack/events`)
      yield* Effect.promise(() => slack.command("rita", "disable name:* reason:clean-up"))
      const planned = yield* messageWith(slack, "Plan: disable")
      yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
      yield* eventually("the modal", () => slack.views.get(slack.user("rita")))
      yield* upstream.faults([{ match: { method: "POST", path: "/toggle" }, times: 1, kind: "delay", ms: 5000 }])
      yield* Effect.promise(() => slack.submit("rita"))
      const flips = Effect.map(upstream.requests, (all) => all.filter(({ path }) => path.endsWith("/toggle")).length)
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), flips), { until: (count) => count > 0 })
      assert.strictEqual(yield* stopped(bot, "SIGTERM"), 0)
      assert.include(JSON.stringify(slack.shown()), "Done: disable")
      assert.lengthOf(yield* names, 12)
      const told = collector.told.join()
      for (const text of ["/v1/traces", "Proceeding.look", "/v1/metrics", "keysweep_slack_requests", "plans_ended"]) {
        assert.include(told, text)
      }
      for (const secret of ["ek-", "xoxb-", slack.signingSecret]) assert.notInclude(told, secret)
    }).pipe(Effect.scoped)
)

it.live("does not start without its secrets, or with a token that Slack does not know, and says which", () =>
  Effect.gen(function* () {
    const { environment, home } = yield* makeWorld()
    const ended = (changes: Readonly<Record<string, string>>) =>
      Effect.promise(async () => {
        const child = spawn(process.execPath, [inject("main")], {
          env: { ...Object.fromEntries(environment), ...changes },
          timeout: 120_000,
          stdio: ["ignore", "pipe", "pipe"]
        })
        let output = ""
        child.stderr.on("data", (chunk) => (output += String(chunk)))
        const [code] = await once(child, "exit")
        return `${code} ${output}`
      })
    assert.match(yield* ended({ SLACK_SIGNING_SECRET: "" }), /^2 .*SLACK_SIGNING_SECRET is not set/)
    assert.match(yield* ended({ ELECTRONHUB_API_KEY: "" }), /^2 .*ELECTRONHUB_API_KEY is not set/)
    assert.match(yield* ended({ ELECTRONHUB_API_KEY: "ek-proxy-1234567890" }), /^2 .*proxy key/)
    assert.match(yield* ended({ SLACK_BOT_TOKEN: "xoxb-nobody-knows" }), /^2 .*invalid_auth/)
    const deep = { DATABASE_URL: "", KEYSWEEP_HOME: `${home}/${"deep/".repeat(20)}` }
    assert.match(yield* ended(deep), /^2 .*too long for a socket.*Set DATABASE_URL/)
    // mkdtemp's folder is closed to everybody else, also to the user that the database runs as where we are root.
    const closed = { DATABASE_URL: "", KEYSWEEP_HOME: `${home}/closed` }
    if (process.getuid?.() === 0) assert.match(yield* ended(closed), /^2 .*cannot reach .*Set DATABASE_URL/)
  }).pipe(Effect.scoped)
)
