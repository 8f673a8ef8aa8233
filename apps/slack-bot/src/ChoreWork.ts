import { Log } from "@keysweep/audit/Log"
import { duePlans } from "@keysweep/revocation/SoakState"
import { DateTime, Effect } from "effect"
import { type Chore, Chores } from "./Chores.ts"
import { liveProgress } from "./LiveProgress.ts"
import { lookedAtSoaks } from "./Metrics.ts"
import type { Desk } from "./Proceeding.ts"
import type { Failure } from "./Reply.ts"
import { Requests } from "./Requests.ts"
import { itself, Sweeps } from "./Sweeps.ts"

/** Does what is to be done of a chore now; gives the milliseconds until it is looked at again. Safe to repeat. */
export const doChore = (chore: Chore): Effect.Effect<number, Failure, Desk> => {
  switch (chore.name) {
    case "soaks":
      return soaks(chore)
    case "audit":
      return Effect.succeed(60_000)
  }
}

/**
 * Watches what soaks and deletes what is due, by the log alone, and has the messages of everything looked at that the log
 * has more of than they show: whoever wrote it.
 */
const soaks = (chore: Chore): Effect.Effect<number, Failure, Desk> =>
  Effect.gen(function* () {
    const chores = yield* Chores
    const requests = yield* Requests
    const sweeps = yield* Sweeps
    const until = yield* sweeps.as(itself, (sweep) => sweep.untilDue(chore.note.last))
    const looked = until === 0 ? yield* runDue : {}
    const anchor = yield* sweeps.as(itself, (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.anchor)))
    if (until > 0 && anchor === chore.note.anchor) return until
    yield* chores.remember(chore, { ...chore.note, anchor, ...looked })
    yield* requests.wakeTaken
    return until
  }).pipe(Effect.withSpan("ChoreWork.soaks"))

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
  return { last, waiting: report.waiting.map(({ lift, run, why }) => ({ run, why: [why, ...lift].join("; ") })) }
}).pipe(Effect.scoped)
