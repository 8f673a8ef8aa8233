import { Log } from "@keysweep/audit/Log"
import { isPlanExpired, type Plan } from "@keysweep/revocation/Plan"
import type { Receipt } from "@keysweep/revocation/Receipt"
import type { Sweep } from "@keysweep/revocation/Sweep"
import { outcomeOfError, type SweepError } from "@keysweep/revocation/SweepError"
import { DateTime, Effect, Option } from "effect"
import { liveProgress } from "./LiveProgress.ts"
import { type Failure, failureText } from "./Reply.ts"
import type { Ending, Request, RequestId } from "./Request.ts"
import { Requests, type RequestsUnavailable } from "./Requests.ts"
import { requestMessage, type Stage } from "./RunMessage.ts"
import { SlackApi } from "./SlackApi.ts"
import { Sweeps, userActor } from "./Sweeps.ts"

/** What the steps of a request stand on. */
export type Desk = Requests | SlackApi | Sweeps

/**
 * Takes a confirmed request as far as it may go now: it waits for another person, or it runs, once. Safe to call again at
 * any time, after a restart too; whoever is allowed is judged anew each time.
 */
export const proceed = (id: RequestId): Effect.Effect<void, Failure, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const sweeps = yield* Sweeps
    const request = Option.getOrNull(yield* requests.find(id))
    if (request === null || request.confirmation === null || request.taken !== null || request.ending !== null) return
    const { plan, requester } = request
    const actor = userActor(requester)
    if (isPlanExpired(plan, yield* DateTime.now)) return yield* lapse(request)
    if (!(yield* sweeps.knows(requester))) {
      yield* sweeps.refused(
        actor,
        planText(plan),
        "the requester is not among the people that the settings name any more"
      )
      return yield* conclude(
        request,
        notRun("refused", "Whoever asked is not among the people that the settings name any more. Nothing was changed.")
      )
    }
    const approvals = yield* sweeps.as(actor, (sweep) => sweep.approvals(plan))
    if (approvals.given.length < approvals.required) return yield* show(request, { _tag: "Waiting", approvals })
    if (yield* requests.take(id, "run", requester)) return yield* run(request)
    yield* sweeps.refused(actor, planText(plan), "it is being carried out already")
  }).pipe(Effect.withSpan("Proceeding.proceed"))

/** Ends a request and shows it; the first ending counts. */
export const conclude = (
  request: Request,
  ending: Omit<Ending, "at">
): Effect.Effect<void, RequestsUnavailable, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    yield* requests.end(request.id, ending)
    const now = Option.getOrElse(yield* requests.find(request.id), () => request)
    yield* show(now, { _tag: "Ended" })
  })

/** Nobody said no: the plan's time is over. */
export const lapse = (request: Request): Effect.Effect<void, RequestsUnavailable, Desk> =>
  conclude(request, notRun("stale", "The plan has expired; it was not denied. Nothing was changed: ask for a new one."))

/** Ends what waits although its time is over, so that its buttons vanish. */
export const lapseIfOver = (request: Request): Effect.Effect<void, RequestsUnavailable, Desk> =>
  Effect.flatMap(DateTime.now, (now) =>
    request.taken === null && isPlanExpired(request.plan, now) ? lapse(request) : Effect.void
  )

/** Shows how far a request has come. A message that cannot be changed does not stop what it tells of. */
export const show = (request: Request, stage: Stage): Effect.Effect<void, never, SlackApi> =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    if (request.ts === null) return
    yield* slack.update({ channel: request.channel, ts: request.ts }, requestMessage(request, stage))
  }).pipe(Effect.catchAll((error) => Effect.logError(error.message)))

/** What a restart finds: a run that was cut off goes on, what was confirmed is looked at again, what is over is closed. */
export const recover = (request: Request): Effect.Effect<void, Failure, Desk> =>
  Effect.gen(function* () {
    if (request.taken?.how === "cancel") return yield* conclude(request, cancelled(request.taken.by))
    if (request.taken?.how === "run") return yield* goOn(request)
    if (isPlanExpired(request.plan, yield* DateTime.now)) return yield* lapse(request)
    yield* proceed(request.id)
  }).pipe(Effect.withSpan("Proceeding.recover"))

export const cancelled = (by: string) => notRun("refused", `Cancelled by ${by}. Nothing was changed.`)

export const planText = (plan: Plan): string => `${plan.action} of ${plan.keys.length} keys, plan ${plan.hash}`

const run = (request: Request): Effect.Effect<void, RequestsUnavailable, Desk> =>
  concluding(request, (sweep) => sweep.apply(request.plan, { plan: request.plan.hash, how: "typed" }))

/** A run that was cut off: the log says whether it began, and is what it goes on from. */
const goOn = (request: Request): Effect.Effect<void, RequestsUnavailable, Desk> =>
  concluding(request, (sweep) =>
    Effect.gen(function* () {
      const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
      const began = records.find(({ event }) => event._tag === "RunStarted" && event.plan === request.plan.hash)
      return began === undefined
        ? notRun("interrupted", "The bot was stopped before this began. Nothing was changed: ask for a new plan.")
        : yield* sweep.resume(began.run)
    })
  )

/** Carries something out in the requester's name, shows it while it goes on, and ends the request with what came of it. */
const concluding = (
  request: Request,
  work: (sweep: typeof Sweep.Service) => Effect.Effect<Receipt | Omit<Ending, "at">, SweepError>
): Effect.Effect<void, RequestsUnavailable, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const progress = yield* liveProgress(request)
    const result = yield* sweeps.as(userActor(request.requester), work, progress)
    return "schema" in result ? ran(result) : result
  }).pipe(
    Effect.scoped,
    Effect.catchAll((error) =>
      Effect.succeed(notRun(error._tag === "SetupRefused" ? "refused" : outcomeOfError(error), failureText(error)))
    ),
    Effect.catchAllDefect(() => Effect.succeed(notRun("failed", fault))),
    Effect.flatMap((ending) => conclude(request, ending)),
    Effect.withSpan("Proceeding.concluding")
  )

const fault =
  "A fault in keysweep itself. What was done until then is in the log; /keysweep list shows the keys as they are."

const ran = (receipt: Receipt): Omit<Ending, "at"> => ({
  outcome: receipt.outcome,
  detail: receipt.stopped === null ? "" : `Stopped: ${receipt.stopped}`,
  receipt
})

const notRun = (outcome: Ending["outcome"], detail: string): Omit<Ending, "at"> => ({ outcome, detail, receipt: null })
