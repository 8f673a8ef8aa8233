import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { boundedText } from "@keysweep/core/BoundedText"
import type { AccountId } from "@keysweep/core/Account"
import { oneLine } from "@keysweep/core/SafeText"
import { Clock, Config, Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { createHmac } from "node:crypto"
import { pastOf } from "./Action.ts"
import type { Plan } from "./Plan.ts"
import type { ReplacePlan } from "./replace/ReplacePlan.ts"
import type { Reminder } from "./Reminder.ts"
import type { NoticeTarget } from "./SettingsContent.ts"

/** A plan that takes keys away; a rotation does it in the end. */
export type NoticedPlan = Plan | ReplacePlan

/** A notice was not delivered, for sure or for all we know. */
export class NoticeFailed extends Schema.TaggedError<NoticeFailed>()("NoticeFailed", {
  target: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `The notice to ${this.target} was not delivered: ${this.detail}`
  }
}

/** Tells people what is about to happen, and how to object. */
export class Notices extends Context.Tag("@keysweep/revocation/Notices")<
  Notices,
  {
    /** Delivered, or failed, within 10 s. Repeating it tells people twice. */
    readonly send: (target: NoticeTarget, plan: NoticedPlan, who: string) => Effect.Effect<void, NoticeFailed>
    /** The same, of things that somebody should look at before long: one message for all of them. */
    readonly remind: (
      target: NoticeTarget,
      account: AccountId,
      reminders: ReadonlyArray<Reminder>
    ) => Effect.Effect<void, NoticeFailed>
  }
>() {
  static readonly layer = Layer.effect(
    Notices,
    Effect.gen(function* () {
      // The spans of the HTTP client would hold the address, which is a secret.
      const client = HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, () => true)
      const post = Effect.fn("Notices.post")(function* (target: NoticeTarget, message: object) {
        const failed = (detail: string) => new NoticeFailed({ target: target.name, detail })
        const url = yield* secretFrom(target.urlFrom).pipe(
          Effect.mapError(() => failed(`${target.urlFrom} is not set`))
        )
        const body = JSON.stringify(message)
        const signature =
          target.secretFrom === undefined
            ? {}
            : yield* signed(target.secretFrom, body).pipe(
                Effect.mapError(() => failed(`${target.secretFrom ?? ""} is not set`))
              )
        const reply = yield* client
          .execute(
            HttpClientRequest.post(Redacted.value(url)).pipe(
              HttpClientRequest.setHeaders(signature),
              HttpClientRequest.bodyText(body, "application/json")
            )
          )
          .pipe(
            Effect.flatMap((response) =>
              Effect.map(boundedText(response, maxReply), (text) => ({ status: response.status, text }))
            ),
            // A `fetch` would follow it, and what another place answers is no delivery.
            Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
            Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => failed("no reply within 10 s") }),
            Effect.catchTags({
              RequestError: () => failed("the connection failed"),
              ResponseError: () => failed("the reply broke off"),
              BodyTooLarge: () => failed("the reply is not one of a webhook")
            })
          )
        if (reply.status < 200 || reply.status > 299) return yield* failed(`status ${reply.status}`)
        if (!isAccepted(target, reply.text)) return yield* failed("it answered 200 with an error")
      })
      return Notices.of({
        send: (target, plan, who) =>
          post(target, target.kind === "slack" ? slackBody(plan, who) : noticeDocument(plan, who)),
        remind: (target, account, reminders) =>
          post(
            target,
            target.kind === "slack" ? slackReminder(account, reminders) : reminderDocument(account, reminders)
          )
      })
    })
  )
}

const secretFrom = (name: string) => Config.redacted(name)

/** `t` is Unix seconds; `v1` is HMAC-SHA-256 over `t`, a dot and the body, in hexadecimal. */
const signed = (name: string, body: string) =>
  Effect.gen(function* () {
    const secret = yield* secretFrom(name)
    const at = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const mac = createHmac("sha256", Redacted.value(secret)).update(`${at}.${body}`).digest("hex")
    return { "x-keysweep-signature": `t=${at},v1=${mac}` }
  })

/** Slack's incoming webhooks say `ok` and nothing else; others may wrap an error in a 200. */
const isAccepted = (target: NoticeTarget, text: string): boolean =>
  target.kind === "slack" ? text.trim() === "ok" : !Option.exists(decodeReply(text), saysNo)

const maxReply = 1_048_576

const decodeReply = Schema.decodeOption(
  Schema.parseJson(Schema.Struct({ ok: Schema.optional(Schema.Unknown), error: Schema.optional(Schema.Unknown) }))
)

const saysNo = ({ error, ok }: { readonly ok?: unknown; readonly error?: unknown }): boolean =>
  ok === false || !(error === undefined || error === null || error === false || error === "")

/** What a webhook receives. Names are foreign text; there is no secret in it. */
export const noticeDocument = (plan: NoticedPlan, who: string) => ({
  schema: "keysweep.notice/1",
  account: plan.account,
  action: plan.action,
  plan: plan.hash,
  by: who,
  reason: plan.reason,
  keys: plan.keys.map(({ id, name }) => ({ id, name })),
  objection: `keysweep hold --plan ${plan.hash}`
})

/** What a webhook receives as a reminder. */
export const reminderDocument = (account: AccountId, reminders: ReadonlyArray<Reminder>) => ({
  schema: "keysweep.reminder/1",
  account,
  reminders: reminders.map(({ about, text }) => ({ about, text }))
})

const slackReminder = (account: AccountId, reminders: ReadonlyArray<Reminder>) => {
  const shown = reminders.slice(0, 40).map(({ text }) => `• ${escaped(oneLine(text, 300))}`)
  const more = reminders.length > shown.length ? [`… and ${reminders.length - shown.length} more`] : []
  return { text: [`*To look at on ${account}:*`, ...shown, ...more].join("\n"), unfurl_links: false }
}

const slackBody = (plan: NoticedPlan, who: string) => {
  const shown = plan.keys.slice(0, 40).map(({ id, name }) => `• ${escaped(oneLine(name, 80))} (${id})`)
  const more = plan.keys.length > shown.length ? [`… and ${plan.keys.length - shown.length} more`] : []
  const head = `*${plan.keys.length} proxy keys of ${plan.account} are about to be ${plan.schema === "keysweep.plan/1" ? pastOf(plan.action) : "rotated: new values, and the old ones stop"}* by ${escaped(oneLine(who, 80))}.`
  const why = plan.reason === null ? "No reason was given." : `Reason: ${escaped(oneLine(plan.reason, 1000))}`
  return {
    text: [head, why, ...shown, ...more, `To object: \`keysweep hold --plan ${plan.hash}\``].join("\n"),
    unfurl_links: false
  }
}

/** Slack's three characters, in this order; what is left cannot make a mention or a link, and one line cannot look like two. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("`", "'")
