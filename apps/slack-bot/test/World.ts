import * as PgDatabase from "@keysweep/audit/store/PgDatabase"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import { Settings } from "@keysweep/revocation/Settings"
import * as PgStores from "@keysweep/revocation/PgStores"
import * as SweepBase from "@keysweep/revocation/SweepBase"
import { NodeHttpClient } from "@effect/platform-node"
import { Operator } from "@keysweep/audit/Actor"
import { type SlackStandIn, startSlack } from "@keysweep/testkit/SlackStandIn"
import type { Message, PrivateAnswer } from "@keysweep/testkit/SlackFront"
import { assert } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Layer, Logger, Redacted, Scope } from "effect"
import { Confirmation } from "@keysweep/revocation/Confirmation"
import { ownDatabaseUrl } from "@keysweep/revocation/Home"
import { Progress } from "@keysweep/revocation/Progress"
import { Sweep } from "@keysweep/revocation/Sweep"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bot } from "../src/Program.ts"
import { everything, freshDatabase } from "./Database.ts"

/** Rita asks, Otto approves; Mallory is in the workspace and not in the settings. */
export const people = ["rita", "otto", "mallory"]

/** Emulated upstream, stand-in for Slack, a home folder, and the whole bot between them, over real sockets. */
export const makeWorld = (
  options: {
    readonly approvals?: string
    readonly emulator?: EmulatorOptions
    /** Slack reaches the bot through a socket that the bot opens. */
    readonly socket?: boolean
    /** Left out: one of the tests' server. */
    readonly database?: "its own" | (string & {})
  } = {}
) =>
  Effect.gen(function* () {
    const timeScale = options.emulator?.timeScale ?? 120
    const upstream = yield* Emulator.start({ seedSecret: "slack-bot", rpm: 1000, timeScale, ...options.emulator })
    const slack = yield* Effect.acquireRelease(
      Effect.promise(() => startSlack({ people })),
      (it) => Effect.promise(it.close)
    )
    const home = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "keysweep-slack-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    const settle = (known: ReadonlyArray<string>) =>
      writeFileSync(
        join(home, "keysweep.yaml"),
        settingsText(slack, known, options.approvals ?? "delete: 1, delete-all: 1")
      )
    settle(["rita", "otto"])

    const own = options.database === "its own"
    const url = own ? ownDatabaseUrl(home) : (options.database ?? (yield* freshDatabase))
    const environment = new Map([
      ["SLACK_BOT_TOKEN", slack.token],
      ["SLACK_SIGNING_SECRET", options.socket === true ? "" : slack.signingSecret],
      ["SLACK_APP_TOKEN", options.socket === true ? slack.appToken : ""],
      ["SLACK_API_URL", slack.apiUrl],
      ["PORT", "0"],
      ["HOST", "127.0.0.1"],
      ["ELECTRONHUB_API_KEY", Redacted.value(upstream.apiKey)],
      ["ELECTRONHUB_BASE_URL", upstream.url],
      ["KEYSWEEP_TIME_SCALE", String(timeScale)],
      ["KEYSWEEP_HOME", home],
      ["DATABASE_URL", own ? "" : url]
    ])
    const start = Effect.gen(function* () {
      const scope = yield* Scope.make()
      const port = yield* bot.pipe(
        Scope.extend(scope),
        Effect.withConfigProvider(ConfigProvider.fromMap(environment)),
        Effect.provide(Logger.remove(Logger.defaultLogger))
      )
      if (options.socket !== true) slack.connect(`http://127.0.0.1:${port}/slack/events`)
      return { port, stop: Scope.close(scope, Exit.void) }
    })

    const names = Effect.map(upstream.state, ({ accounts }) =>
      (accounts[0]?.keys ?? []).map(({ name }) => String(name))
    )
    const active = Effect.map(upstream.state, ({ accounts }) =>
      (accounts[0]?.keys ?? []).filter((key) => key.is_active).map(({ name }) => String(name))
    )
    /** The same account through the same stores, from another surface: what the command line does. */
    const elsewhere = <A, E>(use: (sweep: typeof Sweep.Service) => Effect.Effect<A, E>) =>
      Effect.flatMap(Sweep, use).pipe(
        Effect.provide(
          Sweep.layer.pipe(
            Layer.provide([
              SweepBase.layer({
                account: { masterKey: upstream.apiKey, baseUrl: upstream.url, timeScale },
                home,
                userAgent: "keysweep/test"
              }).pipe(
                Layer.provideMerge(PgStores.layer(home)),
                Layer.provide(PgDatabase.layer(Redacted.make(url))),
                Layer.provideMerge(Settings.layerNone),
                Layer.provide(NodeHttpClient.layer)
              ),
              Settings.layerNone,
              Layer.succeed(Operator, { actor: { name: "os:reader", authenticated: false }, surface: "cli" }),
              Layer.succeed(Confirmation, { ask: () => Effect.die("nobody is asked") }),
              Progress.layerSilent
            ])
          )
        )
      )
    const books = <A, E>(use: Effect.Effect<A, E, Log>) => elsewhere((sweep) => sweep.books(use))
    return {
      upstream,
      elsewhere,
      slack,
      home,
      settle,
      environment,
      start,
      names,
      active,
      records: books(Effect.flatMap(Log, (log) => log.records)),
      verification: books(Effect.flatMap(Log, (log) => log.verify())),
      database: url,
      /** Every file of the home folder and every row of the database, as one text. */
      kept: Effect.map(everything(url), (rows) =>
        readdirSync(home, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
          .concat(rows)
          .join("\n")
      )
    }
  })

const settingsText = (slack: SlackStandIn, known: ReadonlyArray<string>, approvals: string) =>
  [
    "people:",
    ...known.map((name) => `  - { name: ${name}, slack: ${slack.user(name)} }`),
    `approvals: { ${approvals} }`
  ].join("\n")

/** The three characters alone stand in encrypted backups by chance. */
export const wholeSecret = /ek-[\w-]{16}/

/** Waits for something to come true; the bot works after it has answered. */
export const eventually = <A>(what: string, look: () => A | undefined): Effect.Effect<A> =>
  Effect.promise(async () => {
    for (let tries = 0; tries < 4800; tries++) {
      const found = look()
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error(`never happened: ${what}`)
  })

export const messageWith = (slack: SlackStandIn, text: string): Effect.Effect<Message> =>
  eventually(`a message with ${text}`, () =>
    slack
      .shown()
      .filter((message) => JSON.stringify(message).includes(text))
      .at(-1)
  )

/** Rita asks for something, and confirms the plan that comes by typing its phrase. */
export const confirmed = (slack: SlackStandIn, command: string, plan: string) =>
  Effect.gen(function* () {
    yield* Effect.promise(() => slack.command("rita", command))
    const planned = yield* messageWith(slack, plan)
    yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
    const form = yield* eventually("the form", () => slack.views.get(slack.user("rita")))
    const phrase =
      /delete \d+ acct_[a-z2-7]{16}/.exec(JSON.stringify(form))?.[0] ?? assert.fail("no phrase in the form")
    yield* Effect.promise(() => slack.submit("rita", { phrase }))
    return { planned, form, phrase }
  })

/** Without what was posted below another message. */
export const topMessages = (slack: SlackStandIn): ReadonlyArray<Message> =>
  slack.shown().filter(({ thread }) => thread === null)

/** Who is called below a message. */
export const calledBelow = (slack: SlackStandIn, { ts }: Message, text: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    eventually(`a message below with ${text}`, () =>
      slack.shown().find((it) => it.thread === ts && JSON.stringify(it).includes(text))
    ),
    (it) => slack.people.filter((name) => JSON.stringify(it).includes(`<@${slack.user(name)}>`))
  )

export const answerWith = (slack: SlackStandIn, text: string): Effect.Effect<PrivateAnswer> =>
  eventually(`an answer with ${text}`, () => slack.answers.filter(({ raw }) => raw.includes(text)).at(-1))

export const buttonsOf = (message: Message): ReadonlyArray<string> =>
  message.blocks.flatMap((block) =>
    (block.elements ?? []).flatMap(({ action_id: id }) => (id === undefined ? [] : [id]))
  )

/** The refusals on record, as "who: what: why". */
export const refusals = (records: ReadonlyArray<LogRecord>): ReadonlyArray<string> =>
  records.flatMap(({ actor, event }) =>
    event._tag === "Refused"
      ? [`${actor.name}: ${event.what}: ${event.why}`]
      : event._tag === "ApprovalRefused"
        ? [`${event.approver.name}: approval of ${event.plan}: ${event.why}`]
        : []
  )
