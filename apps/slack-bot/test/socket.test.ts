import { assert, it } from "@effect/vitest"
import { ConfigProvider, Effect, Logger } from "effect"
import { bot } from "../src/Program.ts"
import { running, stopped } from "./BotProcess.ts"
import { answerWith, eventually, makeWorld, messageWith } from "./World.ts"

const status = (url: string) => Effect.promise(async () => (await fetch(url)).status)

it.live(
  "through sockets of two servers: each event is taken once, whoever it is sent to; lost connections come back; a stop drains",
  () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ socket: true })
      const { active, environment, slack, start, upstream } = world
      const here = yield* start
      const there = yield* running(environment)
      const connected = (count: number) =>
        eventually(`${count} connections`, () => (slack.socket.connections() === count ? true : undefined))
      yield* connected(2)
      const form = (text: string) => Object.fromEntries(new URLSearchParams(slack.commandForm("rita", text)))
      const both = (type: string, payload: unknown) =>
        Effect.promise(() =>
          Promise.all([0, 1].map((connection) => slack.socket.deliver(type, payload, { connection })))
        )

      // The whole way: a command, a search, a form with an error under its field, a second person's click.
      yield* Effect.promise(() => slack.command("rita", ""))
      yield* eventually("the form", () => slack.views.get(slack.user("rita")))
      yield* Effect.promise(() => slack.submit("rita", { verb: "delete" }))
      let found = yield* Effect.promise(() => slack.search("rita", "github"))
      while (found.length === 0) found = yield* Effect.promise(() => slack.search("rita", "github"))
      const missing = yield* Effect.promise(() => slack.submit("rita", { keys: "github-ci" }))
      assert.include(missing.body, '"reason":"This is missing."')
      yield* Effect.promise(() => slack.submit("rita", { keys: "github-ci", reason: "old" }))
      const preview = yield* eventually("the plan", () => {
        const view = JSON.stringify(slack.views.get(slack.user("rita")))
        return /delete 1 acct_[a-z2-7]{16}/.exec(view)?.[0]
      })
      assert.strictEqual((yield* Effect.promise(() => slack.submit("rita", { phrase: preview }))).body, "")
      const waiting = yield* messageWith(slack, "Waiting for another person")
      yield* Effect.promise(() => slack.press("otto", waiting, "approve"))
      yield* messageWith(slack, "Done: delete 1 key")

      // Sent once more, to the other one.
      const replies = yield* both("slash_commands", form("disable key:staging reason:moved"))
      assert.deepStrictEqual(replies, [
        { status: 200, body: "" },
        { status: 200, body: "" }
      ])
      const planned = yield* messageWith(slack, "Plan: disable 1 key")
      yield* Effect.promise(() => slack.press("rita", planned, "confirm"))
      yield* eventually("the form", () => slack.views.get(slack.user("rita")))
      yield* Effect.promise(() => slack.submit("rita"))
      yield* messageWith(slack, "Done: disable 1 key")
      const shown = slack.shown().filter((message) => JSON.stringify(message).includes("disable 1 key"))
      assert.lengthOf(shown, 1)
      assert.notInclude(yield* active, "staging")

      // Health is served, and nothing else: a request that Slack would sign is nobody's here.
      const url = `http://127.0.0.1:${here.port}`
      assert.deepStrictEqual(yield* Effect.all([status(`${url}/health`), status(`${url}/ready`)]), [200, 200])
      const signed = slack.sign(slack.commandForm("rita", "list"))
      const posted = yield* Effect.promise(() => fetch(`${url}/slack/events`, { method: "POST", ...signed }))
      assert.strictEqual(posted.status, 404)

      // Slack moves them; the network cuts them, and Slack does not answer at first.
      const opened = () => slack.calls.filter(({ method }) => method === "apps.connections.open").length
      slack.socket.drop("asked")
      yield* eventually("both have opened another one", () => (opened() === 4 ? true : undefined))
      yield* connected(2)
      const refusal = { method: "apps.connections.open", status: 500 }
      slack.faults.push(refusal, refusal, { ...refusal, status: "reset" }, refusal)
      slack.socket.drop("cut")
      while ((yield* status(`${url}/ready`)) !== 503) yield* Effect.sleep("5 millis")
      yield* connected(2)
      while ((yield* status(`${url}/ready`)) !== 200) yield* Effect.sleep("5 millis")

      assert.strictEqual(yield* stopped(there, "SIGTERM"), 0)
      yield* connected(1)
      // What was acknowledged is answered before it ends.
      assert.strictEqual((yield* Effect.promise(() => slack.command("rita", "list"))).status, 200)
      yield* here.stop
      yield* answerWith(slack, "11 keys")
      yield* connected(0)
      const removals = (yield* upstream.requests).filter(({ path }) => path.endsWith("/remove"))
      assert.lengthOf(removals, 1)
      assert.deepStrictEqual(slack.problems, [])

      const refused = yield* bot.pipe(
        Effect.scoped,
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map([...environment, ["SLACK_APP_TOKEN", "xapp-other"]]))),
        Effect.flip
      )
      assert.strictEqual(refused.message, "Slack does not take the app token (invalid_auth).")
    }).pipe(Effect.scoped, Effect.provide(Logger.remove(Logger.defaultLogger))),
  120_000
)
