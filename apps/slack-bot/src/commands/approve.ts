import { oneLine } from "@keysweep/core/SafeText"
import type { Plan } from "@keysweep/revocation/Plan"
import { Effect } from "effect"
import { AlarmClock } from "../AlarmClock.ts"
import { header, type Message, message, rows } from "../Blocks.ts"
import { NotUnderstood } from "../IntentFields.ts"
import { type Desk, planText } from "../Proceeding.ts"
import type { Failure, Reply } from "../Reply.ts"
import type { Request } from "../Request.ts"
import { Requests } from "../Requests.ts"
import { Sweeps, userActor } from "../Sweeps.ts"
import { counted, moment } from "../Words.ts"

/**
 * Another person's yes, to what whoever asked has confirmed: nobody approves what may never be wanted. Who counts is the
 * procedure's decision, and it records a yes that does not.
 */
export const approve = (request: Request, user: string): Effect.Effect<null, Failure, AlarmClock | Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    if (request.confirmation === null) {
      yield* sweeps.refused(userActor(user), `approval of ${planText(request.plan)}`, "it is not confirmed yet")
      const detail = "Whoever asked has not confirmed this plan yet, so it cannot be approved. Nothing was changed."
      return yield* new NotUnderstood({ detail })
    }
    yield* sweeps.as(userActor(user), (sweep) => sweep.approve(request.plan, userActor(request.requester)))
    const { wake } = yield* AlarmClock
    yield* wake(request.id)
    return null
  })

/** What has been asked for and not been decided. */
export const waiting: Effect.Effect<Reply, Failure, Desk> = Effect.gen(function* () {
  return { _tag: "Private", message: waitingMessage(yield* open) }
})

export const waitingMessage = (all: ReadonlyArray<Request>): Message => {
  const title = all.length === 0 ? "Nothing waits" : `${counted(all.length, "plan")} waiting`
  return message(`${title}.`, [
    header(title),
    ...rows(
      all,
      ({ confirmation, plan, requester }) =>
        `• ${plan.hash.slice(0, 12)}: ${plan.action} ${counted(plan.keys.length, "key")}, asked by ${requester}, ${confirmation === null ? "not confirmed yet" : "confirmed"}, valid until ${moment(plan.expiresAt)}${plan.reason === null ? "" : `: ${oneLine(plan.reason, 120)}`}`,
      ""
    )
  ])
}

/** The plan that waits and whose hash begins so. */
export const planned = (hash: string): Effect.Effect<Plan, Failure, Desk> =>
  Effect.map(requested(hash), ({ plan }) => plan)

export const requested = (hash: string): Effect.Effect<Request, Failure, Desk> =>
  Effect.gen(function* () {
    const [found, second] = (yield* open).filter(({ plan }) => plan.hash.startsWith(hash))
    if (found !== undefined && second === undefined) return found
    const detail = `${found === undefined ? "No plan" : "More than one plan"} that waits begins with ${hash}. /keysweep approve shows what waits.`
    return yield* new NotUnderstood({ detail })
  })

const open = Effect.gen(function* () {
  const requests = yield* Requests
  // One without a message is still read by its requester alone.
  return (yield* requests.unfinished).filter(({ taken, ts }) => taken === null && ts !== null)
})
