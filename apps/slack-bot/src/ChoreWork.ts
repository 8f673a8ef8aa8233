import { Log } from "@keysweep/audit/Log"
import { auditOf } from "@keysweep/revocation/Audit"
import { duePlans } from "@keysweep/revocation/SoakState"
import { DateTime, Effect } from "effect"
import { type Chore, Chores } from "./Chores.ts"
import { auditMessage, fileOf } from "./commands/audit.ts"
import { liveProgress } from "./LiveProgress.ts"
import { lookedAtSoaks } from "./Metrics.ts"
import type { Desk } from "./Proceeding.ts"
import type { Failure } from "./Reply.ts"
import { Requests } from "./Requests.ts"
import { SlackApi } from "./SlackApi.ts"
import { showSoaks } from "./SoakNoting.ts"
import { itself, Sweeps } from "./Sweeps.ts"

/** Does what is to be done of a chore now; gives the milliseconds until it is looked at again. Safe to repeat. */
export const doChore = (chore: Chore): Effect.Effect<number, Failure, Desk> => {
  switch (chore.name) {
    case "soaks":
      return soaks(chore)
    case "audit":
      return audits(chore)
  }
}

/**
 * Watches what soaks and deletes what is due, by the log alone, and has the messages of everything looked at that the log
 * has more of than they show: whoever wrote it.
 */
const soaks = (chore: Chore): Effect.Effect<number, Failure, Desk> =>
  Effect.gen(function* () {
    const { note } = chore
    const chores = yield* Chores
    const requests = yield* Requests
    const sweeps = yield* Sweeps
    const end = sweeps.as(itself, (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.anchor)))
    const before = yield* end
    // First of all, so that what is due at once was shown: also where a run keeps the account from being looked at.
    if (before !== note.anchor) yield* showSoaks(note.waiting)
    const until = yield* sweeps.as(itself, (sweep) => sweep.untilDue(note.last))
    const looked = until === 0 ? yield* runDue : {}
    const anchor = yield* end
    if (until > 0 && anchor === note.anchor) return until
    const isShown = yield* showSoaks({ ...note, ...looked }.waiting)
    yield* chores.remember(chore, { ...note, anchor: isShown ? anchor : null, ...looked })
    yield* requests.wakeAll
    return until
  }).pipe(
    // A run has the account: that passes, and no claim is left to pass with it.
    Effect.catchTag("LeaseHeld", () => Effect.succeed(againMillis)),
    Effect.withSpan("ChoreWork.soaks")
  )

/** Shows it in the message of the request that it is of. */
const runDue = Effect.gen(function* () {
  const requests = yield* Requests
  const sweeps = yield* Sweeps
  const records = yield* sweeps.as(itself, (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.records)))
  const last = yield* DateTime.now
  const plans = duePlans(records, last)
  const due = (yield* requests.unfinished).filter(({ plan }) => plans.has(plan.hash))
  // What a run tells does not say which of several it is.
  const [only] = due.length === 1 ? due : []
  if (only !== undefined) yield* requests.keepShown(only.id, null)
  const progress = only === undefined ? undefined : yield* liveProgress(only)
  const report = yield* sweeps.as(itself, (sweep) => sweep.runDue, progress)
  yield* lookedAtSoaks(report)
  for (const { run, why } of report.waiting) yield* Effect.logWarning(`What is due of ${run} is not deleted: ${why}`)
  return { last, waiting: report.waiting.map(({ lift, run, why }) => ({ run, why: [why, ...lift].join("; ") })) }
}).pipe(Effect.scoped)

/**
 * Posts an audit when the settings want one. On record before it is posted, so that a restart posts nothing twice; one
 * that Slack did not take is not made up for before the next.
 */
const audits = (chore: Chore): Effect.Effect<number, Failure, Desk> =>
  Effect.gen(function* () {
    const chores = yield* Chores
    const slack = yield* SlackApi
    const sweeps = yield* Sweeps
    const { note } = chore
    const next = yield* sweeps.nextAudit(note.last)
    if (next === null) return minute
    const last = yield* DateTime.now
    if (next.millis > 0) {
      // From the first look on, a time of the day that passes while no server lives is missed and made up for.
      if (note.last === null) yield* chores.remember(chore, { ...note, last })
      return Math.min(minute, next.millis)
    }
    const report = yield* sweeps.as(itself, (sweep) => Effect.map(sweep.inventory, auditOf))
    if (!(yield* chores.remember(chore, { ...note, last }))) return minute
    const ts = yield* slack.post(next.channel, auditMessage(report))
    const file = fileOf(report)
    if (file !== undefined) yield* slack.upload({ channel: next.channel, ts }, file)
    return 0
  }).pipe(
    Effect.catchTag("SlackUnavailable", (error) =>
      Effect.as(Effect.logError(`The audit was not posted: ${error.message}`), minute)
    ),
    Effect.withSpan("ChoreWork.audits")
  )

const minute = 60_000
const againMillis = 5000
