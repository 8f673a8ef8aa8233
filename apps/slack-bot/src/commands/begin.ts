import { challengeOf } from "@keysweep/revocation/Confirmation"
import { isFinal } from "@keysweep/revocation/Action"
import { endOf } from "@keysweep/revocation/Plan"
import { Effect, Option, Schema } from "effect"
import type { AlarmClock } from "../AlarmClock.ts"
import { message, type Modal, plain } from "../Blocks.ts"
import { end } from "../Conclusion.ts"
import { textField } from "../Fields.ts"
import { cancelled, type Desk } from "../Proceeding.ts"
import { type Failure, failureText, said } from "../Reply.ts"
import { type Request, RequestId } from "../Request.ts"
import { Requests } from "../Requests.ts"
import { planBlocks } from "../RunMessage.ts"
import { SlackApi } from "../SlackApi.ts"
import { type Answered, answered } from "./confirm.ts"
import { post } from "./open.ts"

/** What the form keeps while somebody reads the plan. */
const Begin = Schema.parseJson(Schema.Struct({ request: RequestId, responseUrl: Schema.String }))
const encode = Schema.encodeSync(Begin)
const decode = Schema.decodeUnknownOption(Begin)

/** A plan as its requester reads it before anybody else does. What is typed here confirms it, and posts it. */
export const previewModal = ({ id, plan }: Request, responseUrl: string): Modal => {
  const challenge = challengeOf(plan)
  return {
    id: "begin",
    subject: encode({ request: id, responseUrl }),
    title: isFinal(endOf(plan)) ? "Confirm deletion" : "Confirm",
    submit: challenge.kind === "phrase" ? "Delete for good" : `Yes, ${plan.action}`,
    close: "No",
    tellsClosed: true,
    blocks: [
      ...(challenge.kind === "phrase" ? [] : [plain(challenge.question)]),
      ...message("", planBlocks(plan)).blocks,
      ...(challenge.kind === "phrase" ? [textField({ id: "phrase", label: `Type: ${challenge.phrase}` })] : [])
    ]
  }
}

/** Judges what was typed, and posts the plan as confirmed: others see it from then on. */
export const begun = (
  subject: string,
  user: string,
  typed: string
): Effect.Effect<Answered, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const asked = Option.getOrNull(decode(subject))
    const request = asked === null ? null : Option.getOrNull(yield* requests.find(asked.request))
    if (asked === null || request === null)
      return { errors: { phrase: "I do not know this plan. Nothing was changed." }, after: Effect.void }
    const tell = (text: string) => Effect.flatMap(SlackApi, (slack) => slack.answer(asked.responseUrl, said(text)))
    const { after, errors } = yield* answered(request, user, typed, request.ts === null ? post(request) : Effect.void)
    if (errors !== null) return { errors, after }
    return {
      errors,
      after: Effect.gen(function* () {
        yield* Effect.catchAll(after, (error) => tell(failureText(error)))
        // No message of the channel says how it ended.
        const now = Option.getOrNull(yield* requests.find(request.id))
        if (now?.ending && now.ending.outcome !== "failed" && now.ts === null) yield* tell(now.ending.detail)
      })
    }
  })

/** Whoever closes it has said no. It was shown to nobody. */
export const closed = ({
  form,
  subject,
  user
}: {
  readonly form: string
  readonly subject: string
  readonly user: string
}): Effect.Effect<void, Failure, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const asked = form === "begin" ? Option.getOrNull(decode(subject)) : null
    const request = asked === null ? null : Option.getOrNull(yield* requests.find(asked.request))
    if (request === null || request.requester !== user || request.ts !== null) return
    if (yield* requests.take(request.id, "cancel", user)) yield* end(request, cancelled(user))
  })
