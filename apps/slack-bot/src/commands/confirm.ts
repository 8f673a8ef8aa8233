import { challengeOf, meets } from "@keysweep/revocation/Confirmation"
import { isPlanExpired, type Plan } from "@keysweep/revocation/Plan"
import { DateTime, Effect } from "effect"
import { AlarmClock } from "../AlarmClock.ts"
import { input, type Modal, plain } from "../Blocks.ts"
import { end } from "../Conclusion.ts"
import { type Desk, missedTooOften, planText } from "../Proceeding.ts"
import type { Failure } from "../Reply.ts"
import type { Request } from "../Request.ts"
import { Requests } from "../Requests.ts"
import { SlackApi } from "../SlackApi.ts"
import { Sweeps, userActor } from "../Sweeps.ts"
import { oneLine } from "@keysweep/core/SafeText"
import { counted } from "../Words.ts"

/** Shows the requester the form that says yes. Gives what to tell them instead if there is nothing to confirm. */
export const askToConfirm = (
  request: Request,
  user: string,
  trigger: string
): Effect.Effect<string | null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const sweeps = yield* Sweeps
    if (user !== request.requester) {
      yield* sweeps.refused(userActor(user), planText(request.plan), "only whoever asked can confirm it")
      return "Only whoever asked for this plan can confirm it."
    }
    if (request.confirmation !== null || isPlanExpired(request.plan, yield* DateTime.now)) {
      const { wake } = yield* AlarmClock
      yield* wake(request.id)
      return null
    }
    yield* slack.openModal(trigger, confirmModal(request))
    return null
  })

/** What the form shows when it is sent: nothing, or an error under a field; and what follows. */
export interface Answered {
  readonly errors: Readonly<Record<string, string>> | null
  /** The form that takes its place. */
  readonly next?: Modal
  readonly after: Effect.Effect<void, Failure, AlarmClock | Desk>
}

/**
 * Judges what was typed, quickly, because Slack waits for the answer. Everything is asked again here: the form may have
 * been open for long, and whoever sends it need not be whoever opened it. `first` is done before a yes is written down.
 */
export const answered = (
  request: Request,
  user: string,
  typed: string,
  first: Effect.Effect<void, Failure, Desk> = Effect.void
): Effect.Effect<Answered, Failure, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const sweeps = yield* Sweeps
    const { plan } = request
    const refuse = (why: string) => sweeps.refused(userActor(user), `confirmation of ${planText(plan)}`, why)
    if (user !== request.requester) return { errors: null, after: refuse("only whoever asked can confirm it") }
    if (!(yield* sweeps.knows(user))) {
      const doubt = yield* sweeps.doubt
      const after = refuse("not among the people that the settings name")
      return { errors: doubt === null ? null : { [field]: `${doubt} Nothing was changed.` }, after }
    }
    if (request.taken !== null || request.ending !== null)
      return { errors: null, after: refuse("it was decided already") }
    const challenge = challengeOf(plan)
    if (!meets(challenge, challenge.kind === "phrase" ? typed : "yes")) {
      const misses = yield* requests.missed(request.id)
      if (misses < mostMisses)
        return {
          errors: { [field]: "This is not the phrase. Nothing was changed." },
          after: refuse("the phrase was not typed")
        }
      return {
        errors: null,
        after: Effect.gen(function* () {
          yield* refuse(`the phrase was not typed ${misses} times`)
          if (yield* requests.take(request.id, "cancel", user)) yield* end(request, missedTooOften(user))
          const { wake } = yield* AlarmClock
          yield* wake(request.id)
        })
      }
    }
    const after = Effect.gen(function* () {
      yield* first
      if (!(yield* requests.confirm(request.id, user))) return yield* refuse("it was confirmed already")
      const { wake } = yield* AlarmClock
      yield* wake(request.id)
    })
    return { errors: null, after }
  })

export const confirmModal = ({ id, plan }: Request): Modal => {
  const challenge = challengeOf(plan)
  return {
    id: "confirm",
    subject: id,
    title: "Confirm",
    submit: challenge.kind === "phrase" ? "Delete for good" : `Yes, ${plan.action}`,
    close: "No",
    blocks:
      challenge.kind === "phrase"
        ? [plain(keysText(plan)), plain("Deleted keys never come back."), input(field, `Type: ${challenge.phrase}`)]
        : [plain(challenge.question), plain(keysText(plan))]
  }
}

const field = "phrase"
/** As on a terminal: whoever types it wrongly so often does not mean it, or is not who they say. */
const mostMisses = 3

const keysText = (plan: Plan): string => {
  const names = plan.keys.slice(0, 10).map(({ id, name }) => `${oneLine(name, 60)} (${id})`)
  const more = plan.keys.length - names.length
  return `${counted(plan.keys.length, "key")}: ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`
}
