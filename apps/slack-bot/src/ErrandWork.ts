import { Log } from "@keysweep/audit/Log"
import { ConfirmationRefused, PlanStale } from "@keysweep/revocation/PlanError"
import { isPanicLate } from "@keysweep/revocation/Panic"
import type { Progress } from "@keysweep/revocation/Progress"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { receiptFromLog } from "@keysweep/revocation/ReceiptFromLog"
import type { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { DateTime, Effect, Fiber, Ref } from "effect"
import { cameOf } from "./Came.ts"
import { home } from "./Environment.ts"
import type { Errand, ErrandId, ErrandNow } from "./Errand.ts"
import { errandEndMessage, errandMessage } from "./ErrandMessage.ts"
import { Errands } from "./Errands.ts"
import { progressIn } from "./LiveProgress.ts"
import type { Desk } from "./Proceeding.ts"
import type { Failure } from "./Reply.ts"
import { isGone, type Place, SlackApi } from "./SlackApi.ts"
import { Sweeps, userActor } from "./Sweeps.ts"

/**
 * Takes an errand as far as it may go now; gives the milliseconds until it is looked at again, or nothing when it is over.
 * The log says how far its run has come. Safe to repeat, by any server.
 */
export const lookAtErrand = (id: ErrandId, look: number): Effect.Effect<number | null, Failure, Desk> =>
  Effect.gen(function* () {
    const errands = yield* Errands
    const errand = yield* errands.find(id)
    if (errand === null) return null
    if (errand.ending !== null) return yield* tellEnd(errand)
    const { again, ending } = yield* perform(errand, look, post(errand))
    if (again !== null && DateTime.distance(errand.at, yield* DateTime.now) < day) return again
    yield* errands.end(id, ending)
    const now = yield* errands.find(id)
    return now === null ? null : yield* tellEnd(now)
  }).pipe(Effect.withSpan("ErrandWork.lookAtErrand"))

/**
 * Does what was asked for, and shows it where `posting` says. What keeps Slack from taking a message keeps nothing from
 * being done: it is posted meanwhile.
 */
export const perform = <R>(errand: Errand, look: number, posting: Effect.Effect<Place | null, never, R>) =>
  Effect.gen(function* () {
    const place = yield* Ref.make<Place | null>(null)
    const posted = yield* Effect.forkScoped(Effect.flatMap(posting, (it) => Ref.set(place, it)))
    const progress = yield* progressIn(Ref.get(place), (text) => errandMessage(errand, text))
    const came = yield* cameOf(work(errand, look, progress))
    yield* Fiber.await(posted)
    return came
  }).pipe(Effect.scoped)

/** The first look begins, whatever the log can say; later ones go by it. */
const work = ({ at, panic, run, user }: Errand, look: number, progress: typeof Progress.Service) =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const folder = yield* home
    const actor = userActor(user)
    const goOn = (sweep: typeof Sweep.Service) => sweep.resume(run)
    const begin = (sweep: typeof Sweep.Service, { phrase, reason }: NonNullable<Errand["panic"]>) =>
      sweep.panic({
        run,
        reason,
        home: folder,
        choose: (_, { number }) => (number === 1 ? Effect.succeed(phrase) : changed),
        onTrouble: (file, detail) =>
          Effect.logError(`The log cannot be written (${detail}): what is done goes to ${file} instead.`)
      })
    const as = panic === null ? sweeps.as : sweeps.urgently
    return yield* as(
      actor,
      (sweep): Effect.Effect<Receipt, SweepError> =>
        Effect.gen(function* () {
          if (look === 1) return yield* panic === null ? goOn(sweep) : begin(sweep, panic)
          const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
          const receipt = receiptFromLog(run, records)
          if (receipt?.outcome === "done") return receipt
          const began = records.some((record) => record.run === run && record.event._tag === "RunStarted")
          if (began || panic === null) return yield* goOn(sweep)
          if (isPanicLate(at, yield* DateTime.now)) return yield* late
          return yield* begin(sweep, panic)
        }),
      progress
    )
  })

const changed = Effect.fail(
  new ConfirmationRefused({
    reason: "three misses",
    detail:
      "The keys have changed since the form was shown; nothing was changed by this. Ask once more: /keysweep panic."
  })
)

const late = Effect.fail(
  new PlanStale({
    reason: "expired",
    detail: "The bot was away when this was to begin; nothing was changed by it. Ask once more: /keysweep panic.",
    drift: []
  })
)

/** Its message, once: a reply that is lost leaves it without one that can be changed. */
const post = (errand: ErrandNow) =>
  Effect.gen(function* () {
    const errands = yield* Errands
    const slack = yield* SlackApi
    if (errand.ts !== null) return { channel: errand.channel, ts: errand.ts }
    if (!(yield* errands.posting(errand.id))) return null
    const ts = yield* slack.post(errand.channel, errandMessage(errand, "Starting …"))
    yield* errands.posted(errand.id, ts)
    return { channel: errand.channel, ts }
  }).pipe(Effect.catchAll((error) => Effect.as(Effect.logError(error.message), null)))

/** Also where another server has shown it: whoever was stopped for a while has shown it anew as running. */
const showEnd = (errand: ErrandNow, ending: NonNullable<ErrandNow["ending"]>) =>
  Effect.gen(function* () {
    const slack = yield* SlackApi
    const { channel, ts } = errand
    if (ts === null) return false
    const message = errandEndMessage(errand, ending)
    const anew = Effect.asVoid(slack.post(channel, message))
    return yield* Effect.isSuccess(Effect.catchIf(slack.update({ channel, ts }, message), isGone, () => anew))
  })

/** In its message, as often as it takes for a day; where there is none, to whoever asked, once. */
const tellEnd = (errand: ErrandNow) =>
  Effect.gen(function* () {
    const errands = yield* Errands
    const slack = yield* SlackApi
    const { ending, id, responseUrl, told, ts } = errand
    if (ending === null || told) return null
    const isShown = yield* showEnd(errand, ending)
    if (!isShown && ts !== null && DateTime.distance(ending.at, yield* DateTime.now) < day) return minute
    if ((yield* errands.told(id)) && !isShown) yield* slack.answer(responseUrl, errandEndMessage(errand, ending))
    return null
  }).pipe(Effect.catchTag("SlackUnavailable", (error) => Effect.as(Effect.logError(error.message), null)))

const minute = 60_000
const day = 24 * 60 * minute
