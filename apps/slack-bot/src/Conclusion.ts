import { Log } from "@keysweep/audit/Log"
import { approversOf } from "@keysweep/revocation/Approval"
import { DateTime, Effect, Option } from "effect"
import { ended } from "./Metrics.ts"
import type { Desk } from "./Proceeding.ts"
import type { Failure } from "./Reply.ts"
import type { Ending, Request } from "./Request.ts"
import { Requests } from "./Requests.ts"
import { overMessage } from "./RunMessage.ts"
import { show } from "./Show.ts"
import { SlackApi } from "./SlackApi.ts"
import type { RequestsUnavailable } from "./Stored.ts"
import { itself, Sweeps, userActor } from "./Sweeps.ts"

/** Ends a request; the first ending counts. Whoever looks at it next shows it. */
export const end = (
  { id, plan }: Request,
  ending: Omit<Ending, "at">
): Effect.Effect<void, RequestsUnavailable, Requests> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    if (yield* requests.end(id, ending)) yield* ended(plan.action, ending.outcome)
  })

/** Ends a request and shows it. Gives the milliseconds until that has to be tried again, or nothing when it is done. */
export const conclude = (request: Request, ending: Omit<Ending, "at">): Effect.Effect<number | null, Failure, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    yield* end(request, ending)
    return yield* tellEnd(Option.getOrElse(yield* requests.find(request.id), () => request))
  })

/**
 * Shows the end in the message, as often as it takes for a day, and tells whoever asked and whoever approved, once. Whoever
 * is alone with it and has just confirmed it sees the message, and is not called.
 */
export const tellEnd = (request: Request): Effect.Effect<number | null, Failure, Desk> =>
  Effect.gen(function* () {
    const { ending, id, plan, requester, taken, told, ts } = request
    if (ending === null || told) return null
    const requests = yield* Requests
    const slack = yield* SlackApi
    const sweeps = yield* Sweeps
    const isShown = yield* show(request, { _tag: "Ended" })
    if (!isShown && DateTime.distance(ending.at, yield* DateTime.now) < day) return minute
    const records = yield* sweeps.as(itself, (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.records)))
    const approvers = approversOf(plan.hash, records)
    if (!(yield* requests.told(id))) return null
    const alone = approvers.length === 0 && plan.thenDelete.length === 0
    if (ts === null || (alone && taken?.by === requester)) return null
    const people = [userActor(requester).name, ...approvers]
    yield* Effect.catchAll(slack.post(request.channel, overMessage(request, ending, people), ts), (error) =>
      Effect.logError(error.message)
    )
    return null
  }).pipe(Effect.withSpan("Conclusion.tellEnd"))

const minute = 60_000
const day = 24 * 60 * minute
