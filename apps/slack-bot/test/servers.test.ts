import { assert, it } from "@effect/vitest"
import { startPostgres } from "@keysweep/testkit/Postgres"
import { Effect } from "effect"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Running, running, stopped } from "./BotProcess.ts"
import { inDatabase, isSending } from "./Database.ts"
import { answerWith, confirmed, eventually, makeWorld, messageWith, refusals } from "./World.ts"

type World = Effect.Effect.Success<ReturnType<typeof makeWorld>>

const allConfirmed = ({ slack }: World) => confirmed(slack, "delete all reason:clean-up", "Plan: delete 12 keys")

/** Until some keys are gone and no request is under way: whoever died with one is waited for as long as it may take. */
const inTheMiddle = ({ database, names }: World) =>
  Effect.gen(function* () {
    while ((yield* names).length > 10 || (yield* isSending(database))) yield* Effect.sleep("20 millis")
    assert.isNotEmpty(yield* names)
  })

/** Two servers, of which one is deleting keys. */
const bothInTheMiddle = (world: World) =>
  Effect.gen(function* () {
    const both = yield* Effect.all([running(world.environment), running(world.environment)], { concurrency: 2 })
    world.slack.connect(`${both[0].url}/slack/events`)
    yield* allConfirmed(world)
    yield* inTheMiddle(world)
    return both
  })

const endedOnce = ({ names, records, slack, upstream, verification }: World) =>
  Effect.gen(function* () {
    yield* messageWith(slack, "Done: delete 12 keys")
    assert.deepStrictEqual(yield* names, [])
    assert.isTrue((yield* verification).ok)
    const events = (yield* records).map(({ event }) => event._tag)
    assert.lengthOf(
      events.filter((it) => it === "RunStarted"),
      1
    )
    const removals = (yield* upstream.requests).filter(({ path, status }) => path.endsWith("/remove") && status === 200)
    assert.lengthOf(removals, 12)
    assert.lengthOf(slack.shown(), 1)
  })

const holders = ({ database }: World) =>
  inDatabase(
    database,
    (sql) => sql<{ readonly holder: string }>`select holder from keysweep_lease where holder is not null`
  ).pipe(Effect.map((rows) => rows.map(({ holder }) => holder)))

/** The server that works, and the other one. */
const worker = ([first, second]: readonly [Running, Running], world: World) =>
  Effect.map(holders(world), ([holder]) =>
    holder?.includes(`"pid":${first.child.pid}`) === true ? ([first, second] as const) : ([second, first] as const)
  )

/** Whoever works is on a machine that nobody here can see, and has said nothing for longer than it may. */
const silentElsewhere = ({ database }: World) =>
  inDatabase(database, (sql) =>
    Effect.all([
      sql`update keysweep_lease set seen = seen - interval '1 minute',
        holder = jsonb_set(holder::jsonb, '{host}', '"elsewhere"')::text`,
      sql`update keysweep_slack_request set wake_at = clock_timestamp()`
    ])
  )

const slow = { approvals: "delete: 0", emulator: { rpm: 5, timeScale: 30 } }

it.live(
  "I6: two servers on one database, kill -9 of the one that works: the other one goes on, and deletes each key once",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(slow)
      const both = yield* bothInTheMiddle(world)
      const [working, other] = yield* worker(both, world)
      yield* stopped(working, "SIGKILL")
      yield* endedOnce(world)
      assert.strictEqual(yield* stopped(other, "SIGTERM"), 0)
    }).pipe(Effect.scoped),
  180_000
)

it.live("a command that comes to both servers is done by one of them, and the other one records a replay", () =>
  Effect.gen(function* () {
    const { records, slack, start } = yield* makeWorld()
    const both = yield* Effect.all([start, start])
    const command = slack.sign(slack.commandForm("rita", "list"))
    const statuses: Array<number> = []
    for (const { port } of [...both, ...both]) {
      slack.connect(`http://127.0.0.1:${port}/slack/events`)
      statuses.push((yield* Effect.promise(() => slack.send(command))).status)
      yield* answerWith(slack, "github-ci")
    }
    assert.deepStrictEqual(statuses, [200, 200, 401, 401])
    for (const { stop } of both) yield* stop
    assert.lengthOf(slack.answers, 1)
    assert.deepStrictEqual([...new Set(refusals(yield* records))], ["slack:unknown: request to the bot: replay"])
  }).pipe(Effect.scoped)
)

it.live(
  "a server that was stopped, was taken for dead and goes on has no second effect: its run is the other one's by then",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld(slow)
      const both = yield* bothInTheMiddle(world)
      const [working, other] = yield* worker(both, world)
      working.child.kill("SIGSTOP")
      yield* silentElsewhere(world)
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), holders(world)), {
        until: ([holder]) => holder?.includes(`"pid":${other.child.pid}`) === true
      })
      working.child.kill("SIGCONT")
      yield* endedOnce(world)
      const fences = (yield* world.records).flatMap(({ fence }) => fence ?? [])
      assert.deepStrictEqual(
        fences,
        [...fences].sort((one, another) => one - another)
      )
      assert.deepStrictEqual([...new Set(fences)], [1, 2])
      // Whoever was stopped shows where it thinks to be, and then the end, whoever has come to it.
      for (const one of both) assert.strictEqual(yield* stopped(one, "SIGTERM"), 0)
      assert.match(JSON.stringify(world.slack.shown()), /^\[\{[^}]*"text":"Done: delete 12 keys/)
    }).pipe(Effect.scoped),
  180_000
)

it.live(
  "a database that is cut off in the middle of a deletion and comes back after a while: the run goes on where it was",
  () =>
    Effect.gen(function* () {
      const dir = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "keysweep-cut-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
      )
      chmodSync(dir, 0o711)
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => startPostgres(dir)),
        (it) => Effect.promise(it.stop)
      )
      const world = yield* makeWorld({ ...slow, database: server.url })
      const bot = yield* running(world.environment)
      world.slack.connect(`${bot.url}/slack/events`)
      yield* allConfirmed(world)
      yield* inTheMiddle(world)
      yield* Effect.promise(server.kill)
      yield* Effect.promise(() => world.slack.command("rita", "list"))
      yield* answerWith(world.slack, "The database does not answer. Nothing was changed")
      const ready = yield* Effect.promise(async () => (await fetch(`${bot.url}/ready`)).status)
      assert.strictEqual(ready, 503)
      yield* eventually("the run is given up", () => (/will be looked at again/.test(bot.output()) ? true : undefined))
      yield* Effect.promise(server.start)
      yield* endedOnce(world)
      assert.strictEqual(yield* stopped(bot, "SIGTERM"), 0)
    }).pipe(Effect.scoped),
  180_000
)
