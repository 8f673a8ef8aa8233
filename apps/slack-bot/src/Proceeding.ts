import { Log } from "@keysweep/audit/Log"
import { oneLine } from "@keysweep/core/SafeText"
import { holdCheck } from "@keysweep/revocation/PeopleChecks"
import { viewOf } from "@keysweep/revocation/Permission"
import { isPlanExpired, type Plan } from "@keysweep/revocation/Plan"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { receiptFromLog } from "@keysweep/revocation/ReceiptFromLog"
import type { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { DateTime, Effect, Option } from "effect"
import { cameOf, notRun } from "./Came.ts"
import type { Chores } from "./Chores.ts"
import { conclude, tellEnd } from "./Conclusion.ts"
import type { Errands } from "./Errands.ts"
import { liveProgress } from "./LiveProgress.ts"
import type { Failure } from "./Reply.ts"
import type { Request, RequestId } from "./Request.ts"
import { Requests } from "./Requests.ts"
import { overriddenMessage } from "./RunMessage.ts"
import { keepShowing, show } from "./Show.ts"
import { SlackApi } from "./SlackApi.ts"
import type { SoakNotes } from "./SoakNotes.ts"
import { attendSoak, endOfSoak, soakOf } from "./Soaking.ts"
import { itself, Sweeps, userActor } from "./Sweeps.ts"

/** What the steps of a request stand on. */
export type Desk = Chores | Errands | SoakNotes | Requests | SlackApi | Sweeps

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
    if (request === null) return null
    if (request.ending !== null) return yield* tellEnd(request)
    const { plan, requester, taken } = request
    if (taken?.how === "cancel") return yield* conclude(request, cancelled(taken.by))
    if (taken?.how === "run") return yield* goOn(request)
    const now = yield* DateTime.now
    const lifetime = Math.max(0, DateTime.distance(now, plan.expiresAt))
    if (isPlanExpired(plan, now)) return yield* conclude(request, lapsed())
    const held = yield* holdOn(plan)
    if (held !== null) return yield* conclude(request, voided(held))
    if (request.confirmation === null) return lifetime
    const actor = userActor(requester)
    const doubt = yield* sweeps.doubt
    if (!(yield* sweeps.knows(requester))) {
      // Who it is cannot be told now: nothing is done, and nothing is over.
      if (doubt !== null) return Math.min(lifetime, againMillis)
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
    yield* announceOverrides(request)
    const approvals = yield* sweeps.as(actor, (sweep) => sweep.approvals(plan))
    if (approvals.given.length < approvals.required) {
      const isShown = yield* keepShowing(request, { _tag: "Waiting", approvals })
      return isShown && doubt === null ? lifetime : Math.min(lifetime, againMillis)
    }
    // Somebody may cancel it at this moment: whoever writes first has decided, and it is looked at again.
    return (yield* requests.take(id, "run", requester)) ? yield* goOn(request) : 0
  }).pipe(Effect.withSpan("Proceeding.look"))

/** Nobody said no: the plan's time is over. */
const lapsed = () => notRun("stale", "The plan has expired; it was not denied. Nothing was changed: ask for a new one.")

/** Somebody objects: whoever still wants it asks for a new plan when the hold is lifted. */
const voided = (why: string) =>
  notRun("blocked", `Somebody holds it, which voids the plan: ${oneLine(why, 400)}. Nothing was changed.`)

/** Why the log says that a plan is held, or one of its keys, or the account. */
const holdOn = ({ hash, keys }: Plan) =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const records = yield* sweeps.as(itself, (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.records)))
    const { detail, result } = holdCheck([hash], keys, viewOf(records).holds)
    return result === "block" ? detail : null
  })

/** Once, below its message, to everybody who could have been asked. */
const announceOverrides = (request: Request) =>
  Effect.gen(function* () {
    if (request.plan.overridden.length === 0) return
    const requests = yield* Requests
    const slack = yield* SlackApi
    const sweeps = yield* Sweeps
    if (request.ts === null || !(yield* requests.announced(request.id))) return
    const message = overriddenMessage(request, yield* sweeps.others(request.requester))
    yield* Effect.catchAll(slack.post(request.channel, message, request.ts), (error) => Effect.logError(error.message))
  })

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
      ? yield* conclude(request, endOfSoak(soak.state))
      : yield* attendSoak(request, soak)
  })

/**
 * Carries out what was taken, in the requester's name, and shows it while it goes on. The log says how far it has come:
 * it begins, or goes on with a run that was cut off. What passes by itself is waited for, as long as the plan is valid.
 */
const carry = (request: Request): Effect.Effect<number | null, Failure, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const progress = yield* liveProgress(request)
    return yield* sweeps.as(userActor(request.requester), (sweep) => carryOn(request.plan, sweep), progress)
  }).pipe(
    Effect.scoped,
    cameOf,
    Effect.tap(({ again }) =>
      again === null ? Effect.flatMap(Requests, ({ wakeNext }) => Effect.ignore(wakeNext)) : Effect.void
    ),
    Effect.flatMap(({ again, ending }) =>
      Effect.gen(function* () {
        const requests = yield* Requests
        const now = Option.getOrElse(yield* requests.find(request.id), () => request)
        // Whoever was stopped for a while comes back to what another server has ended, and has shown it anew as running.
        if (now.ending !== null) return yield* Effect.as(show(now, { _tag: "Ended" }), null)
        if (again !== null && !isPlanExpired(request.plan, yield* DateTime.now)) {
          yield* show(request, { _tag: "Running", progress: `${ending.detail} It goes on by itself.` })
          return again
        }
        return ending.receipt !== null && ending.receipt.soaks.length > 0 ? 0 : yield* conclude(request, ending)
      })
    ),
    Effect.withSpan("Proceeding.carry")
  )

const carryOn = (plan: Plan, sweep: typeof Sweep.Service): Effect.Effect<Receipt, SweepError> =>
  Effect.gen(function* () {
    const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
    const began = records.find(({ event }) => event._tag === "RunStarted" && event.plan === plan.hash)
    if (began === undefined) return yield* sweep.apply(plan, { plan: plan.hash, how: "typed" })
    const receipt = began.run === null ? null : receiptFromLog(began.run, records)
    return receipt?.outcome === "done" ? receipt : yield* sweep.resume(began.run)
  })

const againMillis = 5000
