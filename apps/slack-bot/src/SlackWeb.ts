import {
  type AppsManifestCreateArguments,
  LogLevel,
  type ViewsOpenArguments,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
  type WebClientOptions
} from "@slack/web-api"
import { oneLine } from "@keysweep/core/SafeText"
import { Effect, Layer, Redacted, Schedule } from "effect"
import { brief, type Message, type Modal } from "./Blocks.ts"
import type { SlackOptions } from "./Environment.ts"
import { SlackApi, SlackUnavailable } from "./SlackApi.ts"
import { slackFetch } from "./SlackFetch.ts"

export type SlackManifest = AppsManifestCreateArguments["manifest"]

/** Milliseconds for one call of the Web API; 429 is not waited for inside the client. */
export const clientOptions = ({ apiUrl }: Pick<SlackOptions, "apiUrl">): WebClientOptions => ({
  slackApiUrl: apiUrl,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: 10_000,
  allowAbsoluteUrls: false,
  logLevel: LogLevel.ERROR
})

export const layerApi = (options: Pick<SlackOptions, "apiUrl" | "botToken">): Layer.Layer<SlackApi> =>
  Layer.sync(SlackApi, () => {
    const { chat, conversations, files, usergroups, views } = new WebClient(
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
      members: (usergroup) =>
        Effect.map(
          call("usergroups.users.list", () => usergroups.users.list({ usergroup })),
          ({ users }) => users ?? []
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

type View = ViewsOpenArguments["view"]

export const viewOf = ({ blocks, close, id, subject, submit, tellsClosed, title }: Modal): View => ({
  type: "modal",
  callback_id: id,
  private_metadata: subject,
  title: { type: "plain_text", text: title },
  ...(submit === null ? {} : { submit: { type: "plain_text", text: submit } }),
  close: { type: "plain_text", text: close },
  ...(tellsClosed === true ? { notify_on_close: true } : {}),
  blocks: [...blocks]
})

/** Only Slack's own code is kept of an error: the rest may hold headers. */
export const failure =
  (method: string) =>
  (error: unknown): SlackUnavailable => {
    const known = (reason: string, retryAfterMillis: number | null) =>
      new SlackUnavailable({ method, reason: oneLine(reason, 80), retryAfterMillis })
    if (error instanceof WebAPIRateLimitedError) return known("ratelimited", error.retryAfter * 1000)
    if (error instanceof WebAPIPlatformError)
      return known(error.data.error, passing.includes(error.data.error) ? 1000 : null)
    if (error instanceof WebAPIHTTPError)
      return known(`HTTP ${error.statusCode}`, error.statusCode >= 500 ? 1000 : null)
    return known("no answer", 1000)
  }

/** Slack's errors that pass by themselves. */
const passing = ["internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"]
