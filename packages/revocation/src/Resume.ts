import { Backups } from "@keysweep/audit/Backup"
import { CallSettled, KeyPlanned } from "@keysweep/audit/Event"
import { hold } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunView } from "@keysweep/audit/Projection"
import { RunId } from "@keysweep/audit/RunId"
import { sum } from "@keysweep/core/Credit"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Duration, Effect, Either, Schema } from "effect"
import { Action } from "./Action.ts"
import { freedBy } from "./Aim.ts"
import { execute } from "./Execution.ts"
import { readWhole, type Reading, timeBy } from "./Inventory.ts"
import { isWanted } from "./Proof.ts"
import { stillPermitted, viewOf } from "./Permission.ts"
import { notDue } from "./Soak.ts"
import { PlanStale } from "./PlanError.ts"
import { backUpBriefly } from "./PanicRun.ts"
import {
  type Call,
  callsOf,
  isOpen,
  keysOf,
  newcomers,
  type Planned,
  plannedKeys,
  rest,
  retiredKeys,
  shownIn,
  soaksIn
} from "./Remainder.ts"
import { backUp } from "./Run.ts"
import { protectionOf, Settings } from "./Settings.ts"

/** There is nothing to resume under this name, or it cannot be resumed. Nothing was changed. */
export class ResumeRefused extends Schema.TaggedError<ResumeRefused>()("ResumeRefused", {
  detail: Schema.String,
  /** Runs that can be resumed. */
  candidates: Schema.Array(RunId)
}) {
  override get message(): string {
    return this.detail
  }
}

/** Runs that began to write and did not end in `done`, oldest first. */
export const resumable = (records: ReadonlyArray<LogRecord>): ReadonlyArray<RunView> =>
  [...viewOf(records).runs.values()].filter(({ finished, started }) => started !== null && finished?.outcome !== "done")

/**
 * Goes on with a run that was killed or stopped: settles by reading what was sent, then does the rest, key by key (a
 * bulk request is never repeated). A key whose settings have changed since, or that is protected now, is left alone; a
 * hold stops it, and so do looser settings. What was deleted because its soak was over must still be due. Safe to repeat.
 */
export const resume = (wanted: RunId | null, timeScale: number) =>
  Effect.gen(function* () {
    const log = yield* Log
    const found = yield* pick(wanted, yield* log.records)
    yield* hold(log.account, found.id)
    // Somebody may have gone on with it until the lease was ours.
    const records = yield* log.records
    const { action, run, started } = yield* pick(found.id, records)
    yield* notTooOld(run, timeScale)
    const reading = yield* readWhole(log.account)
    const calls = callsOf(records, run.id)
    const before = plannedKeys(records, run.id)
    const settings = yield* Settings
    const now = yield* DateTime.now
    const protection = (key: ProxyKey) => protectionOf(settings, key, now)
    const { confirmed, soaks } = viewOf(records)
    const soaked = confirmed.get(started.plan) === "soak"
    const spared = (key: ProxyKey) => {
      const why = protection(key)
      if (why !== null) return `protected: ${why}`
      return soaked ? notDue(soaks.get(key.id), key, timeBy(reading, now)) : null
    }
    const panic = started.panic === true
    const { guarded, made } = panic ? newcomers(action, before, reading, protection) : { guarded: [], made: [] }
    // A newcomer is the likeliest to be an attacker's.
    const planned: Planned = new Map([...made.map((key) => [key.id, { key }] as const), ...before])
    const ids = [...new Set([...made.map(({ id }) => id), ...started.keys, ...before.keys()])]
    const { known, work } = rest({ action, calls, ids, panic, planned, reading, spared })
    const fresh = work.map((it) => it.fresh)
    const plans = plansOf(started.plan, records)
    if (!panic) {
      yield* stillPermitted(
        started,
        plans,
        work.map((it) => it.planned),
        records
      )
    }
    yield* settle(run, calls, action, planned, reading)
    const backup = yield* backupOf(records, run.id, reading, fresh, panic)
    yield* Effect.forEach(made, (key) => log.append(KeyPlanned.make({ key }), run.id), { discard: true })
    return yield* execute({
      run: run.id,
      plan: started.plan,
      account: log.account,
      action,
      method: "each",
      panic,
      reason: started.reason,
      keys: ids.map((id) => ({
        id,
        name: planned.get(id)?.key.name ?? id,
        becomes: planned.get(id)?.becomes ?? null
      })),
      skipped: guarded,
      refused: started.refused ?? [],
      creditExpected: sum([...planned.values()].map(({ becomes, key }) => freedBy(action, key, becomes ?? null))),
      backup,
      permittedAt: records.at(-1)?.seq ?? 0,
      startedAt: run.startedAt,
      dialect: reading.dialect,
      readAt: reading.at,
      planned: [...planned.values()].map(({ key }) => key),
      work,
      known,
      retired: retiredKeys(records, run.id),
      ...soaksIn(records, run.id),
      plans
    })
  }).pipe(Effect.scoped, Effect.withSpan("Resume.resume"))

/** The run that `resume` would go on with; or why there is none. */
export const runToResume = (
  wanted: RunId | null,
  records: ReadonlyArray<LogRecord>
): Effect.Effect<RunId, ResumeRefused> => Effect.map(pick(wanted, records), ({ id }) => id)

const pick = (wanted: RunId | null, records: ReadonlyArray<LogRecord>) => {
  const candidates = resumable(records)
  const refuse = (detail: string) =>
    Effect.fail(new ResumeRefused({ detail, candidates: candidates.map(({ id }) => id) }))
  const run = wanted === null ? candidates.at(-1) : candidates.find(({ id }) => id === wanted)
  if (run === undefined || run.started === null) {
    return refuse(wanted === null ? "No run waits to be resumed." : `${wanted} is not a run that waits to be resumed.`)
  }
  const { started } = run
  return Either.match(Schema.decodeUnknownEither(Action)(started.action), {
    onLeft: () => refuse(`${run.id} does something that this version does not know.`),
    onRight: (action) => Effect.succeed({ id: run.id, run, started, action })
  })
}

const notTooOld = (run: RunView, timeScale: number) =>
  Effect.flatMap(DateTime.now, (now) =>
    DateTime.greaterThan(now, DateTime.addDuration(run.startedAt, Duration.millis(86_400_000 / timeScale)))
      ? Effect.fail(
          new PlanStale({
            reason: "expired",
            detail: `${run.id} began more than 24 hours ago; nothing was changed. Make a new plan.`,
            drift: []
          })
        )
      : Effect.void
  )

/**
 * A call whose end is not in the log is settled by what the reading shows. A bulk request that died half way had an
 * effect.
 */
const settle = (run: RunView, calls: ReadonlyArray<Call>, action: Action, planned: Planned, reading: Reading) =>
  Effect.gen(function* () {
    const log = yield* Log
    for (const call of calls.filter(isOpen)) {
      const hadEffect = keysOf(call).some(
        (key) => isWanted(action, shownIn(reading, key), planned.get(key)?.becomes) === true
      )
      const outcome = { result: hadEffect ? "done" : "undone", detail: "settled by a later reading" } as const
      yield* log.append(CallSettled.make({ id: call.id, outcome }), run.id)
    }
  })

/** The run's own plan, and the one under which it was confirmed, if that is another. */
const plansOf = (plan: string, records: ReadonlyArray<LogRecord>): ReadonlyArray<string> => [
  plan,
  ...records.flatMap(({ event }) => (event._tag === "Confirmed" && event.plan === plan ? (event.under ?? []) : []))
]

/** The run's own backup, if it is the one on record, holds each of these keys and is sound; else a new one (I1). */
const backupOf = (
  records: ReadonlyArray<LogRecord>,
  run: RunId,
  reading: Reading,
  keys: ReadonlyArray<ProxyKey>,
  panic: boolean
) =>
  Effect.gen(function* () {
    const backups = yield* Backups
    const taken = records
      .flatMap((record) => (record.run === run && record.event._tag === "BackupTaken" ? [record.event] : []))
      .at(-1)
    if (taken !== undefined && keys.every(({ id }) => taken.keys.includes(id))) {
      const found = yield* Effect.either(backups.verify(taken.backup))
      if (Either.isRight(found) && found.right.sha256 === taken.sha256) return taken.backup
    }
    return panic ? yield* backUpBriefly(run, reading.at, keys) : (yield* backUp(run, reading.at, keys)).id
  })
