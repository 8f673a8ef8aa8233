import { App, HTTPModuleFunctions, HTTPReceiver, LogLevel, webApi } from "@slack/bolt"
import { oneLine } from "@keysweep/core/SafeText"
import { Effect, FiberSet, Layer, Redacted, Schedule, type Scope } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { brief, type Message, type Modal } from "./Blocks.ts"
import { Bot } from "./Bot.ts"
import { SetupRefused, type SlackOptions } from "./Environment.ts"
import { refusalOf, RequestGuard } from "./RequestGuard.ts"
import { SlackApi, SlackUnavailable } from "./SlackApi.ts"
import { slackFetch } from "./SlackFetch.ts"

/** Slack's requests to the bot all come to one address. */
const endpoint = "/slack/events"
const bodyLimit = 262_144

/** Milliseconds for one call of the Web API; 429 is not waited for inside the client. */
const clientOptions = ({ apiUrl }: SlackOptions): webApi.WebClientOptions => ({
  slackApiUrl: apiUrl,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: 10_000,
  allowAbsoluteUrls: false,
  logLevel: LogLevel.ERROR
})

export const layerApi = (options: SlackOptions): Layer.Layer<SlackApi> =>
  Layer.sync(SlackApi, () => {
    const { chat, conversations, files, views } = new webApi.WebClient(
      Redacted.value(options.botToken),
      clientOptions(options)
    )
    const say = chat.postMessage
    const { answer, putFile } = slackFetch(options.apiUrl)
    const call = <A>(method: string, run: () => Promise<A>) => Effect.tryPromise({ try: run, catch: failure(method) })
    return {
      post: (channel, message, thread) => {
        const send = ({ blocks, text }: Message) =>
          call("chat.postMessage", () =>
            say({
              channel,
              text,
              blocks: [...blocks],
              unfurl_links: false,
              unfurl_media: false,
              ...(thread === undefined ? {} : { thread_ts: thread })
            })
          )
        return send(message).pipe(
          Effect.retry(notTaken),
          Effect.catchIf(isTooLong, () => send(brief(message))),
          Effect.flatMap(({ ts }) =>
            ts === undefined
              ? Effect.fail(
                  new SlackUnavailable({ method: "chat.postMessage", reason: "no ts", retryAfterMillis: null })
                )
              : Effect.succeed(ts)
          )
        )
      },
      update: ({ channel, ts }, message) => {
        const send = ({ blocks, text }: Message) =>
          call("chat.update", () => chat.update({ channel, ts, text, blocks: [...blocks] })).pipe(
            Effect.retry(repeatable)
          )
        return Effect.asVoid(Effect.catchIf(send(message), isTooLong, () => send(brief(message))))
      },
      answer,
      openModal: (trigger, modal) =>
        Effect.map(
          call("views.open", () => views.open({ trigger_id: trigger, view: viewOf(modal) })),
          ({ view }) => view?.id ?? ""
        ),
      updateModal: (id, modal) =>
        call("views.update", () => views.update({ view_id: id, view: viewOf(modal) })).pipe(
          Effect.retry(repeatable),
          Effect.asVoid
        ),
      upload: (to, { name, text }) =>
        Effect.gen(function* () {
          const open = () => conversations.open({ users: String(to) })
          const place = yield* typeof to === "string"
            ? Effect.map(call("conversations.open", open), ({ channel }) => ({ channel_id: channel?.id ?? "" }))
            : Effect.succeed({ channel_id: to.channel, thread_ts: to.ts })
          const length = Buffer.byteLength(text)
          const target = yield* call("files.getUploadURLExternal", () =>
            files.getUploadURLExternal({ filename: name, length })
          )
          yield* putFile(target.upload_url ?? "", text)
          const sent: [{ id: string; title: string }] = [{ id: target.file_id ?? "", title: name }]
          yield* call("files.completeUploadExternal", () => files.completeUploadExternal({ ...place, files: sent }))
        })
    }
  })

/** Slack says that it did not take it, and when it may. */
const notTaken = Schedule.identity<SlackUnavailable>().pipe(
  Schedule.intersect(Schedule.recurs(2)),
  Schedule.whileInput((error: SlackUnavailable) => error.reason === "ratelimited"),
  Schedule.addDelay(([error]) => Math.min(error.retryAfterMillis ?? 0, 30_000))
)

/** What it refuses for its length it has not taken, and a shorter one says at least how things stand. */
const isTooLong = ({ reason }: SlackUnavailable): boolean =>
  reason === "msg_too_long" || reason === "msg_blocks_too_long"

/** A second attempt changes nothing. How long to wait after a 429 is Slack's to say. */
const repeatable = Schedule.identity<SlackUnavailable>().pipe(
  Schedule.intersect(Schedule.recurs(4)),
  Schedule.whileInput((error: SlackUnavailable) => error.retryAfterMillis !== null),
  Schedule.addDelay(([error]) => Math.min(error.retryAfterMillis ?? 0, 30_000))
)

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
      const typed = view.state.values["phrase"]?.["phrase"]?.value ?? ""
      const what = { form: view.callback_id, subject: view.private_metadata, typed }
      const sent = { user: body.user.id, team: body.team?.id ?? "", ...what }
      const { after, errors } = await run(bot.submit(sent))
      await (errors === null ? ack() : ack({ response_action: "errors", errors }))
      fork(after)
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

const pathOf = (request: IncomingMessage): string => new URL(request.url ?? "/", "http://localhost").pathname

const viewOf = ({ blocks, close, id, subject, submit, title }: Modal): webApi.ViewsOpenArguments["view"] => ({
  type: "modal",
  callback_id: id,
  private_metadata: subject,
  title: { type: "plain_text", text: title },
  ...(submit === null ? {} : { submit: { type: "plain_text", text: submit } }),
  close: { type: "plain_text", text: close },
  blocks: [...blocks]
})

/** Only Slack's own code is kept of an error: the rest may hold headers. */
const failure =
  (method: string) =>
  (error: unknown): SlackUnavailable => {
    const known = (reason: string, retryAfterMillis: number | null) =>
      new SlackUnavailable({ method, reason: oneLine(reason, 80), retryAfterMillis })
    if (error instanceof webApi.WebAPIRateLimitedError) return known("ratelimited", error.retryAfter * 1000)
    if (error instanceof webApi.WebAPIPlatformError)
      return known(error.data.error, passing.includes(error.data.error) ? 1000 : null)
    if (error instanceof webApi.WebAPIHTTPError)
      return known(`HTTP ${error.statusCode}`, error.statusCode >= 500 ? 1000 : null)
    return known("no answer", 1000)
  }

/** Slack's errors that pass by themselves. */
const passing = ["internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"]

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
