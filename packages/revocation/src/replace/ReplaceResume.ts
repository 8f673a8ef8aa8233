import { CallSettled, type ValuesPlanned } from "@keysweep/audit/Event"
import { hold } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunView } from "@keysweep/audit/Projection"
import type { RunId } from "@keysweep/audit/RunId"
import { Account } from "@keysweep/core/Account"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Duration, Effect, Schema } from "effect"
import { readWhole, type Reading } from "../Inventory.ts"
import { stillPermitted } from "../Permission.ts"
import { PlanStale } from "../PlanError.ts"
import { callsOf, isOpen, shownIn } from "../Remainder.ts"
import { resumable, ResumeRefused } from "../Resume.ts"
import { makingsOf } from "./Making.ts"
import { proceed } from "./ReplaceProceed.ts"
import { ReplaceAction } from "./Values.ts"

/** The runs that make keys and did not end in `done`, oldest first. */
export const resumableReplacements = (records: ReadonlyArray<LogRecord>): ReadonlyArray<RunView> =>
  resumable(records).filter(({ started }) => Schema.is(ReplaceAction)(started?.action))

/** The run to go on with, where it is one that makes keys: the one named, else the latest of all that can be resumed. */
export const resumesReplacement = (records: ReadonlyArray<LogRecord>, wanted: RunId | null): RunId | null => {
  const all = resumable(records)
  const run = wanted === null ? all.at(-1) : all.find(({ id }) => id === wanted)
  return run !== undefined && Schema.is(ReplaceAction)(run.started?.action) ? run.id : null
}

/**
 * Goes on with a run that makes keys from where the log says that it is: a key whose create got no reply is looked for and
 * adopted, a value that did not reach its place is read again and delivered, and only then is an old key touched. Safe to
 * repeat.
 */
export const replaceResume = (wanted: RunId | null) =>
  Effect.gen(function* () {
    const log = yield* Log
    const found = yield* pick(wanted, yield* log.records)
    yield* hold(log.account, found.run.id)
    // Somebody may have gone on with it until the lease was ours.
    const records = yield* log.records
    const { action, olds, run, started, values } = yield* pick(found.run.id, records)
    yield* notTooOld(run, values)
    const reading = yield* readWhole(log.account)
    yield* stillPermitted(started, [started.plan], olds, records)
    yield* settle(run.id, records, reading)
    return yield* proceed({
      run: run.id,
      plan: started.plan,
      account: log.account,
      action,
      reason: started.reason,
      values,
      olds,
      skipped: [],
      backup: run.backups.at(-1) ?? "",
      startedAt: run.startedAt,
      permittedAt: records.at(-1)?.seq ?? 0,
      reading,
      records
    })
  }).pipe(Effect.scoped, Effect.withSpan("ReplaceResume.replaceResume"))

const pick = (wanted: RunId | null, records: ReadonlyArray<LogRecord>) => {
  const candidates = resumableReplacements(records)
  const run = wanted === null ? candidates.at(-1) : candidates.find(({ id }) => id === wanted)
  const planned = records.flatMap((record) => (record.run === run?.id ? [record.event] : []))
  const values = planned.find((event) => event._tag === "ValuesPlanned")
  if (run === undefined || run.started === null || values === undefined) {
    const detail = wanted === null ? "No run waits to be resumed." : `${wanted} is not a run that waits to be resumed.`
    return new ResumeRefused({ detail, candidates: candidates.map(({ id }) => id) })
  }
  const { started } = run
  const olds = planned.flatMap((event): ReadonlyArray<ProxyKey> => (event._tag === "KeyPlanned" ? [event.key] : []))
  const action: ReplaceAction = started.action === "rotate" ? "rotate" : "recreate"
  return Effect.succeed({ run, started, values, action, olds })
}

/** What was sent to a key and has no end on record ends as the reading shows. What a create made is looked for later. */
const settle = (run: RunId, records: ReadonlyArray<LogRecord>, reading: Reading) =>
  Effect.gen(function* () {
    const log = yield* Log
    const makings = [...makingsOf(records, run).values()]
    const calls = callsOf(records, run)
    for (const [at, call] of calls.entries()) {
      const { key, wantActive } = call.intent
      if (!isOpen(call) || key === undefined || call.intent.call === "create") continue
      const shown = shownIn(reading, key)
      const heir = makings.find(({ made }) => made === key)
      const again = calls
        .slice(at + 1)
        .some(({ intent, result }) => intent.key === key && intent.call === call.intent.call && result === "done")
      const result =
        call.intent.call === "toggle"
          ? // A flip is sent again only after a look has shown that it was not done.
            !again && (shown !== "absent" && shown.active) === wantActive
          : again || heir?.limits.has(call.id) === true
            ? null
            : shown !== "absent" && shown.allocated < (heir?.sent?.wanted.allocated ?? 0)
      // Whether a limit type has arrived nothing shows: it is sent again. Nor which of two equal requests it was.
      if (result === null && call.result !== null) continue
      const outcome = result === null ? "unknown" : result ? "done" : "undone"
      const detail = "settled by a later reading"
      yield* log.append(CallSettled.make({ id: call.id, outcome: { result: outcome, detail } }), run)
    }
  })

const notTooOld = (run: RunView, values: typeof ValuesPlanned.Type) =>
  Effect.gen(function* () {
    const { timeScale } = yield* Account
    const now = yield* DateTime.now
    const last = DateTime.addDuration(run.startedAt, Duration.millis((86_400_000 + values.wait) / timeScale))
    if (DateTime.greaterThan(now, last)) {
      return yield* new PlanStale({
        reason: "expired",
        detail: `${run.id} began more than 24 hours ago, not counting the time in which both keys work; nothing was changed. Its new keys are in the log: keysweep runs show ${run.id}`,
        drift: []
      })
    }
  })
