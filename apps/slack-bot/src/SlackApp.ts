import { App, HTTPModuleFunctions, HTTPReceiver, LogLevel, type ViewStateValue } from "@slack/bolt"
import { oneLine } from "@keysweep/core/SafeText"
import { Effect, FiberSet, Redacted, type Scope } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Bot } from "./Bot.ts"
import { SetupRefused, type SlackOptions } from "./Environment.ts"
import { keysAction, optionsOf } from "./Fields.ts"
import { refusalOf, RequestGuard } from "./RequestGuard.ts"
import { clientOptions, failure, viewOf } from "./SlackWeb.ts"

/** Slack's requests to the bot all come to one address. */
const endpoint = "/slack/events"
const bodyLimit = 262_144

/**
 * Listens until the scope ends; then it takes nothing new, and lets what was begun come to its end. Gives the port.
 *
 * Slack is answered first, always; the work is done after that, in fibers that are waited for.
 */
export const serve = (
  options: SlackOptions,
  ready: Effect.Effect<boolean>
): Effect.Effect<number, SetupRefused, Bot | RequestGuard | Scope.Scope> =>
  Effect.gen(function* () {
    const bot = yield* Bot
    const guard = yield* RequestGuard
    const jobs = yield* FiberSet.make<void>()
    const fork = yield* FiberSet.runtime(jobs)()
    const run = yield* FiberSet.makeRuntimePromise()
    const logger = boltLogger((line) => void fork(Effect.logWarning(line)))

    const receiver = new HTTPReceiver({
      signingSecret: Redacted.value(options.signingSecret),
      endpoints: endpoint,
      bodyLimit,
      logger,
      customRoutes: [
        { path: "/health", method: "GET", handler: (_, response) => void response.writeHead(200).end("ok\n") },
        {
          path: "/ready",
          method: "GET",
          handler: async (_, response) => {
            const yes = await run(ready)
            response.writeHead(yes ? 200 : 503).end(yes ? "ready\n" : "not ready\n")
          }
        }
      ]
    })
    const inner = receiver.requestListener
    receiver.requestListener = (request, response) => {
      if (request.method !== "POST" || pathOf(request) !== endpoint) return inner(request, response)
      void admit(request, response).then((admitted) => admitted && inner(admitted, response))
    }

    /** In front of Bolt, so that every kind of refusal is a 401 and is recorded. Bolt checks the signature once more. */
    const admit = async (request: IncomingMessage, response: ServerResponse) => {
      const seconds = Number(request.headers["x-slack-request-timestamp"])
      try {
        const signingSecret = Redacted.value(options.signingSecret)
        const buffered = await HTTPModuleFunctions.parseAndVerifyHTTPRequest(
          { enabled: true, signingSecret, bodyLimit },
          request
        )
        // Unsigned by design, and Bolt has thrown away everything else in it.
        if (buffered.rawBody.toString().startsWith("ssl_check=")) return buffered
        const admission = await run(guard.admit(String(request.headers["x-slack-signature"]), seconds))
        if (admission === "admitted") return buffered
        if (admission === "not known") {
          // Slack tells whoever asked that it did not work.
          response.writeHead(503).end()
          return null
        }
        fork(bot.turnAway(admission))
      } catch (error) {
        if (HTTPModuleFunctions.isRawBodyError(error)) {
          response.writeHead(413).end()
          return null
        }
        fork(Effect.flatMap(refusalOf(seconds), bot.turnAway))
      }
      response.writeHead(401).end()
      return null
    }

    const app = new App({
      receiver,
      token: Redacted.value(options.botToken),
      clientOptions: clientOptions(options),
      logger,
      deferInitialization: true
    })
    app.command("/keysweep", async ({ ack, command }) => {
      await ack()
      fork(
        bot.command({
          user: command.user_id,
          team: command.team_id,
          channel: command.channel_id,
          text: command.text ?? "",
          trigger: command.trigger_id,
          responseUrl: command.response_url
        })
      )
    })
    for (const press of ["confirm", "approve", "cancel"] as const) {
      app.action({ type: "block_actions", action_id: press }, async ({ ack, action, body }) => {
        await ack()
        const value = action.type === "button" ? (action.value ?? "") : ""
        const where = { team: body.team?.id ?? "", channel: body.channel?.id ?? null }
        const { response_url: responseUrl, trigger_id: trigger } = body
        fork(bot.press({ ...where, user: body.user.id, press, value, trigger, responseUrl }))
      })
    }
    app.view({ type: "view_submission" }, async ({ ack, body, view }) => {
      const filled = filledOf(view.state.values)
      const what = { form: view.callback_id, subject: view.private_metadata, view: view.id, filled }
      const typed = filled["phrase"]?.[0] ?? ""
      const sent = { user: body.user.id, team: body.team?.id ?? "", ...what, typed }
      const { after, errors, next } = await run(bot.submit(sent))
      if (errors !== null) await ack({ response_action: "errors", errors })
      else await (next === null ? ack() : ack({ response_action: "update", view: viewOf(next) }))
      fork(after)
    })
    app.view({ type: "view_closed" }, async ({ ack, body, view }) => {
      await ack()
      fork(bot.closed({ user: body.user.id, form: view.callback_id, subject: view.private_metadata }))
    })
    app.options<"block_suggestion">(keysAction, async ({ ack, body, payload }) => {
      const sought = { user: body.user.id, team: body.team?.id ?? "", text: payload.value }
      await ack({ options: optionsOf(await run(bot.search(sought))) })
    })

    yield* Effect.tryPromise({
      try: () => app.init(),
      catch: (error) =>
        new SetupRefused({ detail: `Slack does not take the bot token (${failure("auth.test")(error).reason}).` })
    })
    const server = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () =>
          receiver.start({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) }),
        catch: () => new SetupRefused({ detail: `Cannot listen on port ${options.port}.` })
      }),
      () =>
        Effect.zipRight(
          Effect.ignore(Effect.tryPromise(() => app.stop())),
          Effect.timeoutOption(FiberSet.awaitEmpty(jobs), "30 seconds")
        )
    )
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : options.port
  })

/** What stands in each field: typed, chosen or ticked. */
const filledOf = (values: Readonly<Record<string, Readonly<Record<string, ViewStateValue>>>>) =>
  Object.fromEntries(
    Object.entries(values).map(([field, elements]) => [
      field,
      Object.values(elements).flatMap(({ selected_option: one, selected_options: many, value }) => [
        ...(value === undefined || value === null ? [] : [value]),
        ...(one === undefined || one === null ? [] : [one.value]),
        ...(many ?? []).map((it) => it.value)
      ])
    ])
  )

const pathOf = (request: IncomingMessage): string => new URL(request.url ?? "/", "http://localhost").pathname

const boltLogger = (warn: (line: string) => void) => {
  const say = (...parts: ReadonlyArray<unknown>) =>
    warn(oneLine(parts.filter((part) => typeof part === "string").join(" "), 300))
  return {
    debug: () => {},
    info: () => {},
    warn: say,
    error: say,
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {}
  }
}
