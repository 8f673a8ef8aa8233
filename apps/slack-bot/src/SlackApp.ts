import {
  App,
  HTTPModuleFunctions,
  HTTPReceiver,
  LogLevel,
  type Receiver,
  type ReceiverEvent,
  SocketModeReceiver
} from "@slack/bolt"
import { oneLine } from "@keysweep/core/SafeText"
import { Effect, FiberSet, Queue, Redacted, Schedule, type Scope } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Bot } from "./Bot.ts"
import { SetupRefused, type SlackOptions } from "./Environment.ts"
import { filledOf, keysAction, optionsOf } from "./Fields.ts"
import { health, pathOf, portOf, serveHealth } from "./Health.ts"
import { refusalOf, RequestGuard } from "./RequestGuard.ts"
import { clientOptions, failure, viewOf } from "./SlackWeb.ts"

/** Slack's requests to the bot all come to one address. */
const endpoint = "/slack/events"
const bodyLimit = 262_144
const signature = "x-slack-signature"
/** Bolt takes one with `=` and anything behind it as well: each would be another one, and no replay. */
const isSignature = /^v0=[0-9a-f]{64}$/

/**
 * Takes what Slack sends until the scope ends; then it takes nothing new, and lets what was begun come to its end. Gives
 * the port of its health routes, which is Slack's too unless the bot has opened a socket.
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
    yield* Effect.addFinalizer(() => Effect.timeoutOption(FiberSet.awaitEmpty(jobs), "30 seconds"))
    const fork = yield* FiberSet.runtime(jobs)()
    const run = yield* FiberSet.makeRuntimePromise()
    const logger = boltLogger((line) => void fork(Effect.logWarning(line)))
    const desk: Desk = { bot, fork, guard, logger, options, ready, run }
    const edge =
      "appToken" in options.edge ? socketEdge(desk, options.edge.appToken) : httpEdge(desk, options.edge.signingSecret)

    const app = new App({
      receiver: edge.receiver,
      token: Redacted.value(options.botToken),
      clientOptions: clientOptions(options),
      logger,
      deferInitialization: true
    })
    const take = app.processEvent.bind(app)
    app.processEvent = (event) => edge.admit(event, () => take(event))
    hear(app, desk)
    yield* Effect.tryPromise({
      try: () => app.init(),
      catch: (error) =>
        new SetupRefused({ detail: `Slack does not take the bot token (${failure("auth.test")(error).reason}).` })
    })
    return yield* edge.open
  })

interface Desk {
  readonly bot: typeof Bot.Service
  readonly guard: typeof RequestGuard.Service
  readonly options: SlackOptions
  readonly ready: Effect.Effect<boolean>
  readonly logger: ReturnType<typeof boltLogger>
  /** Work that goes on after Slack was answered. */
  readonly fork: (work: Effect.Effect<void>) => unknown
  /** Work that Slack waits for. */
  readonly run: <A>(work: Effect.Effect<A>) => Promise<A>
}

/** How what Slack sends comes in. */
interface Edge {
  readonly receiver: Receiver
  /** Goes on with an event that may be taken. */
  readonly admit: (event: ReceiverEvent, take: () => Promise<void>) => Promise<void>
  /** Gives the port. */
  readonly open: Effect.Effect<number, SetupRefused, Scope.Scope>
}

const httpEdge = ({ bot, fork, guard, logger, options, ready, run }: Desk, secret: Redacted.Redacted): Edge => {
  const signingSecret = Redacted.value(secret)
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: endpoint,
    bodyLimit,
    logger,
    customPropertiesExtractor: ({ headers }) => ({ signature: headers[signature] }),
    customRoutes: [...health(() => run(ready))].map(([path, answer]) => ({
      path,
      method: "GET",
      handler: (_: IncomingMessage, response: ServerResponse) => answer(response)
    }))
  })
  const inner = receiver.requestListener
  receiver.requestListener = (request, response) => {
    if (request.method !== "POST" || pathOf(request) !== endpoint) return inner(request, response)
    void admit(request, response).then((admitted) => admitted && inner(admitted, response))
  }

  /**
   * In front of Bolt, so that every kind of refusal is a 401 and is recorded. Bolt checks the signature once more. All
   * but a command (`payload=`) is claimed before it is acknowledged: a form's answer needs the database in any case.
   */
  const admit = async (request: IncomingMessage, response: ServerResponse) => {
    const seconds = Number(request.headers["x-slack-request-timestamp"])
    try {
      const buffered = await HTTPModuleFunctions.parseAndVerifyHTTPRequest(
        { enabled: true, signingSecret, bodyLimit },
        request
      )
      const form = buffered.rawBody.toString()
      // Unsigned by design, and Bolt has thrown away everything else in it.
      if (form.startsWith("ssl_check=")) return buffered
      const sign = String(request.headers[signature])
      const admitted = isSignature.test(sign) ? await run(guard.admit(sign, seconds)) : "forged signature"
      const admission = admitted === "admitted" && form.startsWith("payload=") ? await run(guard.once(sign)) : admitted
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

  return {
    receiver,
    admit: (_, take) => take(),
    open: Effect.map(
      Effect.acquireRelease(
        Effect.tryPromise({
          try: () =>
            receiver.start({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) }),
          catch: () => new SetupRefused({ detail: `Cannot listen on port ${options.port}.` })
        }),
        () => Effect.ignore(Effect.tryPromise(() => receiver.stop()))
      ),
      portOf
    )
  }
}

/**
 * A socket that the bot opens: nothing is signed, and nothing says when it was sent. What holds instead is that only Slack
 * can be at its other end. An event that comes once more, here or at another server, is acknowledged and not taken.
 */
const socketEdge = ({ guard, logger, options, ready, run }: Desk, appToken: Redacted.Redacted): Edge => {
  const receiver = new SocketModeReceiver({
    appToken: Redacted.value(appToken),
    logger,
    // Its own way to connect again ends the process when Slack does not answer.
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions(options) },
    customPropertiesExtractor: ({ envelope_id }) => ({ envelope: envelope_id })
  })
  const { client } = receiver
  const state = { isOpen: true, isConnected: false }
  const underway = new Set<Promise<void>>()
  const admitted = async (event: ReceiverEvent, take: () => Promise<void>) => {
    if (!state.isOpen) return
    const { trigger_id: trigger } = event.body
    const name = typeof trigger === "string" ? `trigger:${trigger}` : `envelope:${event.customProperties?.["envelope"]}`
    const admission = await run(guard.once(name))
    if (admission === "admitted") await take()
    else if (admission === "replay") await event.ack()
  }

  const stop = Effect.tryPromise(async () => {
    state.isOpen = false
    await Promise.allSettled(underway)
    await client.disconnect()
  }).pipe(Effect.timeout("5 seconds"), Effect.ignore)
  const connect = (lost: Queue.Queue<void>) =>
    Effect.zipRight(
      Queue.takeAll(lost),
      Effect.tryPromise({ try: () => client.start(), catch: failure("apps.connections.open") })
    ).pipe(
      Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => failure("apps.connections.open")(null) }),
      Effect.tap(() => Effect.sync(() => (state.isConnected = true))),
      Effect.tapError(({ message }) => Effect.logWarning(message))
    )
  return {
    receiver,
    admit: (event, take) => {
      const one = admitted(event, take).finally(() => underway.delete(one))
      underway.add(one)
      return one
    },
    open: Effect.gen(function* () {
      const isReady = Effect.map(ready, (yes) => yes && state.isConnected)
      const port = yield* serveHealth(
        options,
        health(() => run(isReady))
      )
      const lost = yield* Queue.sliding<void>(1)
      client.on("disconnected", () => {
        state.isConnected = false
        Queue.unsafeOffer(lost, undefined)
      })
      yield* Effect.addFinalizer(() => stop)
      yield* Effect.mapError(
        connect(lost),
        ({ reason }) => new SetupRefused({ detail: `Slack does not take the app token (${reason}).` })
      )
      yield* Queue.take(lost).pipe(
        Effect.zipRight(Effect.retry(connect(lost), again)),
        Effect.forever,
        Effect.forkScoped
      )
      return port
    })
  }
}

/** Seconds at first, half a minute in the end, for as long as it takes. */
const again = Schedule.jittered(Schedule.union(Schedule.exponential("1 second", 1.5), Schedule.spaced("30 seconds")))

/** What Slack can send, by either way. */
const hear = (app: App, { bot, fork, run }: Desk): void => {
  app.command("/keysweep", async ({ ack, command, context }) => {
    await ack()
    fork(
      bot.command({
        user: command.user_id,
        team: command.team_id,
        channel: command.channel_id,
        text: command.text ?? "",
        signature: context["signature"] === undefined ? null : String(context["signature"]),
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
}

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
