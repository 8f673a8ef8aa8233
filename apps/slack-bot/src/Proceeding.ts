import { Log } from "@keysweep/audit/Log"
import { isPlanExpired, type Plan } from "@keysweep/revocation/Plan"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { receiptFromLog } from "@keysweep/revocation/ReceiptFromLog"
import type { Sweep } from "@keysweep/revocation/Sweep"
import { outcomeOfError, type SweepError } from "@keysweep/revocation/SweepError"
import { DateTime, Effect, Option } from "effect"
import { Chores } from "./Chores.ts"
import { liveProgress } from "./LiveProgress.ts"
import { ended } from "./Metrics.ts"
import { type Failure, failureText } from "./Reply.ts"
import type { Ending, Request, RequestId } from "./Request.ts"
import { Requests, type RequestsUnavailable } from "./Requests.ts"
import { show } from "./Show.ts"
import type { SlackApi } from "./SlackApi.ts"
import { attendSoak, endOfSoak, soakOf } from "./Soaking.ts"
import { Sweeps, userActor } from "./Sweeps.ts"

/** What the steps of a request stand on. */
export type Desk = Chores | Requests | SlackApi | Sweeps

/**
 * Takes a request as far as it may go now: it waits for a yes, for another person, or it runs, once. Gives the
 * milliseconds until it has to be looked at again, or nothing when it is over. Safe to call again at any time, by any
 * server, one at a time; whoever is allowed is judged anew each time, and the log says what was done.
 */
export const look = (id: RequestId): Effect.Effect<number | null, Failure, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    const sweeps = yield* Sweeps
    const request = Option.getOrNull(yield* requests.find(id))
    if (request === null || request.ending !== null) return null
    const { plan, requester, taken } = request
    if (taken?.how === "cancel") return yield* over(conclude(request, cancelled(taken.by)))
    if (taken?.how === "run") return yield* goOn(request)
    const now = yield* DateTime.now
    const lifetime = Math.max(0, DateTime.distance(now, plan.expiresAt))
    if (isPlanExpired(plan, now)) return yield* over(lapse(request))
    if (request.confirmation === null) return lifetime
    const actor = userActor(requester)
    if (!(yield* sweeps.knows(requester))) {
      yield* sweeps.refused(
        actor,
        planText(plan),
        "the requester is not among the people that the settings name any more"
      )
      return yield* over(
        conclude(
          request,
          notRun(
            "refused",
            "Whoever asked is not among the people that the settings name any more. Nothing was changed."
          )
        )
      )
    }
    const approvals = yield* sweeps.as(actor, (sweep) => sweep.approvals(plan))
    if (approvals.given.length < approvals.required) {
      yield* show(request, { _tag: "Waiting", approvals })
      return lifetime
    }
    // Somebody may cancel it at this moment: whoever writes first has decided, and it is looked at again.
    return (yield* requests.take(id, "run", requester)) ? yield* goOn(request) : 0
  }).pipe(Effect.withSpan("Proceeding.look"))

const over = <E, R>(end: Effect.Effect<void, E, R>) => Effect.as(end, null)

/** Ends a request and shows it; the first ending counts. */
export const conclude = (
  request: Request,
  ending: Omit<Ending, "at">
): Effect.Effect<void, RequestsUnavailable, Desk> =>
  Effect.gen(function* () {
    const requests = yield* Requests
    if (yield* requests.end(request.id, ending)) yield* ended(request.plan.action, ending.outcome)
    const now = Option.getOrElse(yield* requests.find(request.id), () => request)
    yield* show(now, { _tag: "Ended" })
  })

/** Nobody said no: the plan's time is over. */
export const lapse = (request: Request): Effect.Effect<void, RequestsUnavailable, Desk> =>
  conclude(request, notRun("stale", "The plan has expired; it was not denied. Nothing was changed: ask for a new one."))

export const cancelled = (by: string) => notRun("refused", `Cancelled by ${by}. Nothing was changed.`)

export const missedTooOften = (by: string) =>
  notRun("refused", `${by} did not type the phrase, three times. Nothing was changed: ask for a new plan.`)

export const planText = (plan: Plan): string => `${plan.action} of ${plan.keys.length} keys, plan ${plan.hash}`

/** Carries out what was taken; what it let soak is attended to until none of it soaks any more. */
const goOn = (request: Request): Effect.Effect<number | null, Failure, Desk> =>
  Effect.gen(function* () {
    if (request.plan.thenDelete.length === 0) return yield* carry(request)
    const soak = yield* soakOf(request)
    if (soak === null) return yield* carry(request)
    return soak.state.soaking.length === 0
      ? yield* over(conclude(request, endOfSoak(soak.state)))
      : yield* attendSoak(request, soak)
  })

/**
 * Carries out what was taken, in the requester's name, and shows it while it goes on. The log says how far it has come:
 * it begins, or goes on with a run that was cut off. What passes by itself is waited for, as long as the plan is valid.
 */
const carry = (request: Request): Effect.Effect<number | null, RequestsUnavailable, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const progress = yield* liveProgress(request)
    return yield* sweeps.as(userActor(request.requester), (sweep) => carryOn(request.plan, sweep), progress)
  }).pipe(
    Effect.scoped,
    Effect.catchAll((error) =>
      Effect.succeed(notRun(error._tag === "SetupRefused" ? "refused" : outcomeOfError(error), failureText(error)))
    ),
    Effect.catchAllDefect(() => Effect.succeed(notRun("failed", fault))),
    Effect.flatMap((ending) =>
      Effect.flatMap(DateTime.now, (now) =>
        passing.includes(ending.outcome) && !isPlanExpired(request.plan, now)
          ? Effect.as(
              show(request, { _tag: "Running", progress: `${ending.detail} It goes on by itself.` }),
              againMillis
            )
          : ending.receipt !== null && ending.receipt.soaks.length > 0
            ? Effect.succeed(0)
            : over(conclude(request, ending))
      )
    ),
    Effect.withSpan("Proceeding.carry")
  )

const carryOn = (plan: Plan, sweep: typeof Sweep.Service): Effect.Effect<Omit<Ending, "at">, SweepError> =>
  Effect.gen(function* () {
    const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
    const began = records.find(({ event }) => event._tag === "RunStarted" && event.plan === plan.hash)
    if (began === undefined) return ran(yield* sweep.apply(plan, { plan: plan.hash, how: "typed" }))
    const receipt = began.run === null ? null : receiptFromLog(began.run, records)
    return ran(receipt?.outcome === "done" ? receipt : yield* sweep.resume(began.run))
  })

/** What ends by itself: another run, a cooldown, a database that is away, a stop of the bot. */
const passing: ReadonlyArray<Ending["outcome"]> = ["limit", "records", "interrupted"]
const againMillis = 5000

const fault =
  "A fault in keysweep itself. What was done until then is in the log; /keysweep list shows the keys as they are."

const ran = (receipt: Receipt): Omit<Ending, "at"> => ({
  outcome: receipt.outcome,
  detail: receipt.stopped === null ? "" : `Stopped: ${receipt.stopped}`,
  receipt
})

const notRun = (outcome: Ending["outcome"], detail: string): Omit<Ending, "at"> => ({ outcome, detail, receipt: null })
