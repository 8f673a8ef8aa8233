import { SoakAlarmed, SoakEnded } from "@keysweep/audit/Event"
import { hold } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { LogView, SoakView } from "@keysweep/audit/Projection"
import { makeRunId, type RunId } from "@keysweep/audit/RunId"
import { Account } from "@keysweep/core/Account"
import { AccountReader } from "@keysweep/core/AccountReader"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Either, Option } from "effect"
import { type DueReport, dueOutcome, soakingOf } from "./DueReport.ts"
import { read, type Reading, timeBy } from "./Inventory.ts"
import { viewOf } from "./Permission.ts"
import { makePlan } from "./Plan.ts"
import { planFacts } from "./PlanFacts.ts"
import { PlanStale } from "./PlanError.ts"
import type { Receipt } from "./Receipt.ts"
import { resume } from "./Resume.ts"
import { freshReading, runUnderLease } from "./Run.ts"
import { LiftableCheck } from "./GateResult.ts"
import { dueAt, missedBy, notDue } from "./Soak.ts"
import { outcomeOfError, type SweepError } from "./SweepError.ts"

/**
 * Watches the soaking keys of the account and deletes those whose time has come, by the log alone: what was confirmed and
 * approved is the plan that disabled them; everything else is judged anew, on a fresh reading. Does nothing and sends
 * nothing where no key soaks. Missed, late and doubled calls are harmless; of two at once one fails with `LeaseHeld`.
 */
export const runDue = Effect.gen(function* () {
  const log = yield* Log
  const account = log.account
  const left = unfinished(viewOf(yield* log.records))
  // What a dead process has left behind goes on only once it is on record who misses a key since. What is gone of that is
  // perhaps its own doing, which resuming it settles.
  const before = left.length === 0 ? none : yield* watch(new Set(left.flatMap(({ keys }) => keys)))
  const resumed = yield* Effect.forEach(left, ({ id }) => resumeOne(id))
  const watched = yield* watch(new Set())
  const now = yield* DateTime.now
  const { reading } = watched
  const due = reading === null ? [] : [...dueAt(yield* soaks, timeBy(reading, now)).keys()]
  const tried = yield* Effect.forEach(due, (run) => deleteOf(run, reading))
  const results = [...resumed, ...tried]
  const parts = {
    receipts: results.flatMap(Either.match({ onLeft: () => [], onRight: (receipt) => receipt ?? [] })),
    waiting: results.flatMap(Either.match({ onLeft: (it) => [it], onRight: () => [] })),
    alarms: [...before.alarms, ...watched.alarms]
  }
  const report: DueReport = {
    schema: "keysweep.due/1",
    account,
    at: now,
    outcome: dueOutcome(parts),
    ...parts,
    ended: [...before.ended, ...watched.ended],
    soaking: soakingOf(yield* soaks, yield* DateTime.now)
  }
  return report
}).pipe(Effect.withSpan("Due.runDue"))

type Waiting = DueReport["waiting"][number]

const soaks = Effect.map(
  Effect.flatMap(Log, (log) => log.records),
  (records) => viewOf(records).soaks
)

/** Deletions after a soak that a dead process has left behind. */
const unfinished = (view: LogView) =>
  [...view.runs.values()].flatMap(({ finished, id, started }) =>
    started !== null && finished === null && view.confirmed.get(started.plan) === "soak"
      ? [{ id, keys: started.keys }]
      : []
  )

const resumeOne = (run: RunId) =>
  Effect.flatMap(Account, ({ timeScale }) => resume(run, timeScale)).pipe(
    // What an older run has left is planned anew, as whatever else is due.
    Effect.catchTag("PlanStale", () => Effect.succeed(null)),
    Effect.catchTag("ResumeRefused", () => Effect.succeed(null)),
    waitingFor(run)
  )

interface Watched {
  readonly alarms: DueReport["alarms"]
  readonly ended: DueReport["ended"]
  readonly reading: Reading | null
}

const none: Watched = { alarms: [], ended: [], reading: null }

/**
 * Reads the account once, if any key soaks, and records what it shows of them: each thing once, under the account's lease.
 *
 * @param settling keys of which it is not known yet who has deleted them
 */
const watch = (settling: ReadonlySet<KeyId>) =>
  Effect.gen(function* () {
    if ((yield* soaks).size === 0) return none
    const log = yield* Log
    const id = yield* makeRunId
    yield* hold(log.account, id)
    const view = yield* soaks
    const reading = yield* read
    if (reading.account !== log.account) {
      const detail = `The soaks are of ${log.account}, the master key of ${reading.account}; nothing was changed.`
      return yield* new PlanStale({ reason: "other account", detail, drift: [] })
    }
    const requests = Option.getOrNull(yield* Effect.option(Effect.flatMap(AccountReader, (reader) => reader.log)))
    const keys = new Map(reading.listing.keys.map((key) => [key.id, key]))
    const seen = (soak: SoakView) => ({ id: soak.key.id, name: soak.key.name, run: soak.run })
    const alarms: Array<DueReport["alarms"][number]> = []
    const ended: Array<DueReport["ended"][number]> = []
    for (const soak of view.values()) {
      const now = keys.get(soak.key.id)
      const why = now === undefined ? null : missedBy(soak, now, requests)
      if (why !== null && soak.alarm === null) alarms.push({ ...seen(soak), why })
      // A partial list does not show that a key is gone.
      const gone = now === undefined && reading.listing.unreadable.length === 0
      if (gone && !settling.has(soak.key.id)) ended.push({ ...seen(soak), how: "gone" })
      if (now?.active === true) ended.push({ ...seen(soak), how: "enabled again" })
    }
    for (const { id: key, run, why } of alarms) yield* log.append(SoakAlarmed.make({ key, why }), run)
    for (const { how, id: key, run } of ended) yield* log.append(SoakEnded.make({ keys: [key], how }), run)
    const watched: Watched = { alarms, ended, reading }
    return watched
  }).pipe(Effect.scoped, Effect.withSpan("Due.watch"))

/** Deletes what is due of one run's keys; `null`: somebody else has done it meanwhile. */
const deleteOf = (soaked: RunId, last: Reading | null) =>
  Effect.scoped(
    Effect.gen(function* () {
      const log = yield* Log
      const run = yield* makeRunId
      const startedAt = yield* DateTime.now
      yield* hold(log.account, run)
      const records = yield* log.records
      const reading = yield* freshReading(last, records)
      const now = timeBy(reading, startedAt)
      const due = dueAt(viewOf(records).soaks, now).get(soaked) ?? []
      const there = new Map(reading.listing.keys.map((key) => [key.id, key]))
      const keys = due.flatMap((soak) => {
        const key = there.get(soak.key.id)
        return key === undefined || notDue(soak, key, now) !== null ? [] : [key.id]
      })
      const origin = originOf(soaked, records)
      if (keys.length === 0 || origin === null) return null
      const planning = yield* Effect.flatMap(planFacts(reading, records, []), (facts) =>
        makePlan(
          {
            action: "delete",
            selector: { keys },
            reason: origin.reason ?? `the soak of ${soaked} is over`,
            override: origin.overridden
          },
          facts
        )
      )
      if (planning._tag === "Nothing") {
        return yield* new PlanStale({ reason: "drift", detail: `Not deleted: ${planning.detail}.`, drift: [] })
      }
      const { plan } = planning
      const { automatic, plan: origins, requester } = origin
      const confirmed = { plan: plan.hash, how: "soak", under: { plan: origins, requester, automatic } } as const
      return yield* runUnderLease({ plan, confirmed, reading }, run, startedAt)
    })
  ).pipe(waitingFor(soaked), Effect.withSpan("Due.deleteOf"))

/** What the run that disabled the keys was, by the log. */
const originOf = (run: RunId, records: ReadonlyArray<LogRecord>) => {
  const own = records.filter((record) => record.run === run)
  const started = own.find(({ event }) => event._tag === "RunStarted")
  if (started?.event._tag !== "RunStarted") return null
  const { plan, reason } = started.event
  const checks = own.flatMap(({ event }) => (event._tag === "Overridden" ? [event.check] : []))
  const overridden = LiftableCheck.literals.filter((check) => checks.includes(check))
  const automatic = own.some(({ event }) => event._tag === "Confirmed" && event.how === "automatic")
  return { plan, reason, overridden, automatic, requester: started.actor }
}

/** What keeps a deletion from taking place now does not keep the others from theirs. */
const waitingFor =
  (run: RunId) =>
  <R>(
    effect: Effect.Effect<Receipt | null, SweepError, R>
  ): Effect.Effect<Either.Either<Receipt | null, Waiting>, never, R> =>
    Effect.either(effect).pipe(
      Effect.map(
        Either.mapLeft((error) => ({
          run,
          outcome: outcomeOfError(error),
          why: error.message,
          lift: error._tag === "GateBlocked" ? error.blocks.flatMap(({ lift }) => lift ?? []) : []
        }))
      )
    )
