import { KeyRetired, RunFinished, SoakStarted } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import * as LogJournal from "@keysweep/audit/LogJournal"
import type { RunId } from "@keysweep/audit/RunId"
import { Account, type AccountId } from "@keysweep/core/Account"
import { BulkDelete } from "@keysweep/core/BulkDelete"
import { type Credit, remaining, sum, toCredits, zero } from "@keysweep/core/Credit"
import type { Dialect } from "@keysweep/core/Dialect"
import { KeyReader } from "@keysweep/core/KeyReader"
import { KeyWriter } from "@keysweep/core/KeyWriter"
import { Pacer } from "@keysweep/core/Pacer"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Layer, Option } from "effect"
import { type Action, isFinal } from "./Action.ts"
import * as Acting from "./Acting.ts"
import { Progress } from "./Progress.ts"
import { type Attempt, judge, outcomeOf, type Shown, type Stop, type Verdict } from "./Proof.ts"
import type { Receipt } from "./Receipt.ts"
import { stopOf } from "./SweepError.ts"

/** One run from its first write to its receipt: what a new run and a resumed one have in common. */
export interface Task {
  readonly run: RunId
  readonly plan: string
  readonly account: AccountId
  readonly action: Action
  readonly method: "each" | "bulk"
  /** A panic acts on every key at the time of the call, and is done only when no other key works. */
  readonly panic: boolean
  readonly reason: string | null
  readonly keys: ReadonlyArray<Acting.Work["keys"][number]["planned"]>
  /** Keys that were asked for and that the plan refused. */
  readonly refused: Receipt["skipped"]
  readonly skipped: Receipt["skipped"]
  readonly creditExpected: Credit
  readonly backup: string
  /** The last record of the log that the run was permitted on: a hold or a panic after it stops the run. */
  readonly permittedAt: number
  readonly startedAt: DateTime.Utc
  readonly dialect: Dialect | null
  readonly readAt: DateTime.Utc
  /** The planned keys as they were before the run. */
  readonly planned: ReadonlyArray<ProxyKey>
  /** The keys to act on, as they are now. */
  readonly work: Acting.Work["keys"]
  /** What is known already of the others. */
  readonly known: ReadonlyMap<KeyId, Attempt>
  /** Keys whose retirement by this run is on record already. */
  readonly retired: ReadonlySet<KeyId>
  /** Keys that are deleted once they have been disabled for so many seconds, by an unscaled clock. */
  readonly soaks: ReadonlyMap<KeyId, number>
  /** Keys whose soak has been begun by this run already. */
  readonly soaking: ReadonlySet<KeyId>
  /** Plans that were confirmed for this: a hold of any of them stops it. */
  readonly plans: ReadonlyArray<string>
}

/** Acts, proves, records, and tells. It cannot fail: whatever happens is in the receipt. */
export const execute = (task: Task) =>
  Effect.gen(function* () {
    const acted = yield* fallingBack(task, yield* act(task))
    const attempts = new Map([...task.known, ...acted.attempts])
    const proof = yield* prove
    const verdicts = task.keys.map(({ id, name, becomes }) => {
      const shown: Shown = proof === null ? "unread" : (proof.get(id) ?? "absent")
      const attempt = attempts.get(id) ?? {
        result: "not sent",
        detail: acted.stop?.detail ?? "the run ended before it"
      }
      return { id, name, ...judge(task.action, attempt, shown, becomes ?? null) }
    })
    const refused = task.refused.map(
      ({ id, name, reason }) => ({ id, name, outcome: "blocked", detail: reason }) as const
    )
    const newcomers = task.panic ? stillWorking(task, proof) : []
    const stop = acted.stop ?? (task.panic && proof === null ? unseen : null)
    return yield* conclude(task, [...verdicts, ...refused, ...newcomers], stop, proof)
  }).pipe(Effect.withSpan("Execution.execute"))

const act = (task: Task) =>
  Effect.gen(function* () {
    const { action, dialect, readAt, work } = task
    const method = task.action === "delete-all" ? task.method : "each"
    const pacer = yield* Pacer
    const progress = yield* Progress
    const total = method === "bulk" ? task.planned.length : work.length
    const requests = method === "bulk" ? 3 : total + 1
    const estimateMillis = yield* pacer.estimate(requests).pipe(Effect.orElseSucceed(() => 0))
    const keys = method === "bulk" ? [] : work.map(({ planned: { id, name } }) => ({ id, name }))
    yield* progress.report({ _tag: "Started", action, total, estimateMillis, keys, atOnce: Acting.atOnce })
    if (dialect === null || total === 0) return { attempts: new Map<KeyId, Attempt>(), stop: null }
    yield* progress.report({ _tag: "Phase", phase: "acting" })
    const heed = task.panic ? null : { plans: task.plans, seq: task.permittedAt }
    const journal = LogJournal.layer(task.run, heed)
    return yield* method === "bulk"
      ? Acting.bulk({ dialect, ids: task.planned.map(({ id }) => id) }, task.panic ? "never" : "first").pipe(
          Effect.provide(Layer.provide(BulkDelete.layer, journal))
        )
      : Acting.each({ action, dialect, readAt, keys: work }).pipe(
          Effect.provide(Layer.provide(KeyWriter.layer, journal))
        )
  })

/**
 * A panic does not end with a request that failed: what is left of the planned keys goes one by one, riskiest first. The
 * one request is never sent a second time.
 */
const fallingBack = (task: Task, acted: Acting.Acted) =>
  Effect.gen(function* () {
    const { dialect } = task
    if (!task.panic || task.method !== "bulk" || acted.stop?.outcome !== "failed" || dialect === null) return acted
    const reader = yield* KeyReader
    const listing = yield* Effect.option(reader.list)
    if (Option.isNone(listing)) return acted
    const { keys, secrets } = listing.value
    const left = task.keys.flatMap((planned) => {
      const fresh = keys.find(({ id }) => id === planned.id)
      const secret = secrets.get(planned.id)
      return fresh === undefined || secret === undefined ? [] : [{ planned, fresh, target: { id: planned.id, secret } }]
    })
    if (left.length === 0) return { ...acted, stop: null }
    const work = { action: task.action, dialect, readAt: yield* DateTime.now, keys: left }
    const one = yield* Acting.each(work).pipe(
      Effect.provide(Layer.provide(KeyWriter.layer, LogJournal.layer(task.run, null)))
    )
    return { attempts: new Map([...acted.attempts, ...one.attempts]), stop: one.stop }
  })

type Proof = ReadonlyMap<KeyId, ProxyKey> | null

/** A fresh list, or nothing: a partial one proves no absence. */
const prove: Effect.Effect<Proof, never, KeyReader | Progress> = Effect.gen(function* () {
  const reader = yield* KeyReader
  const progress = yield* Progress
  yield* progress.report({ _tag: "Phase", phase: "proving" })
  const { keys, unreadable } = yield* reader.list
  return unreadable.length > 0 ? null : new Map(keys.map((key) => [key.id, key]))
}).pipe(Effect.orElseSucceed(() => null))

const unseen: Stop = {
  outcome: "unverified",
  detail: "no complete reading followed: keys that nobody knows of may work. Panic again, or look at the account."
}

/** Keys that work after a panic though nobody planned them: somebody made them meanwhile. */
const stillWorking = (task: Task, proof: Proof): ReadonlyArray<Named> => {
  const expected = new Set([...task.keys, ...task.skipped].map(({ id }) => id))
  const strangers = [...(proof?.values() ?? [])].filter((key) => key.active && !expected.has(key.id))
  return strangers.map(({ id, name }) => ({
    id,
    name,
    outcome: "failed",
    detail: "somebody made this key during the panic: the master key itself may be exposed. Resume goes on with it"
  }))
}

interface Named extends Verdict {
  readonly id: KeyId
  readonly name: string
}

/** Records what became of each key and of the run. A log that fails here makes the outcome `records`. */
const conclude = (task: Task, verdicts: ReadonlyArray<Named>, stop: Stop | null, proof: Proof) =>
  Effect.gen(function* () {
    const log = yield* Log
    const outcome = outcomeOf(verdicts, stop)
    const observed = creditObserved(task, proof)
    const begun = soaksBegun(task, verdicts, proof, yield* DateTime.now, (yield* Account).timeScale)
    const record = Effect.gen(function* () {
      yield* Effect.forEach([...retired(task, verdicts), ...begun], (event) => log.append(event, task.run), {
        concurrency: "unbounded",
        discard: true
      })
      yield* log.append(
        RunFinished.make({
          outcome,
          keys: verdicts.map(({ id, outcome }) => ({ id, outcome })),
          creditExpected: toCredits(task.creditExpected),
          creditObserved: observed === null ? null : toCredits(observed)
        }),
        task.run
      )
      return { anchor: yield* log.anchor, stop }
    })
    const recorded = yield* Effect.catchAll(record, (error) => Effect.succeed({ anchor: null, stop: stopOf(error) }))
    const receipt: Receipt = {
      schema: "keysweep.receipt/1",
      run: task.run,
      plan: task.plan,
      account: task.account,
      action: task.action,
      outcome: outcomeOf(verdicts, recorded.stop),
      stopped: recorded.stop?.detail ?? null,
      keys: verdicts,
      skipped: task.skipped,
      creditExpected: task.creditExpected,
      creditObserved: observed,
      soaks: begun.map(({ key, until }) => ({ id: key.id, until })),
      backup: task.backup,
      anchor: recorded.anchor,
      startedAt: task.startedAt,
      finishedAt: yield* DateTime.now
    }
    return receipt
  })

const retired = (task: Task, verdicts: ReadonlyArray<Named>) => {
  if (task.action !== "disable" && !isFinal(task.action)) return []
  const done = new Set(verdicts.flatMap(({ id, outcome }) => (outcome === "done" ? [id] : [])))
  const how = isFinal(task.action) ? "deleted" : "disabled"
  return task.planned.flatMap((key) =>
    // A key that was disabled before stays so when this run is undone.
    done.has(key.id) && !task.retired.has(key.id) && (how === "deleted" || key.active)
      ? [KeyRetired.make({ key, how, owner: null, reason: task.reason })]
      : []
  )
}

/** From the proof on, to an absolute moment: whatever the clock, the machine or the process does until then. */
const soaksBegun = (task: Task, verdicts: ReadonlyArray<Named>, proof: Proof, now: DateTime.Utc, timeScale: number) =>
  verdicts.flatMap(({ id, outcome }) => {
    const seconds = task.soaks.get(id)
    const key = proof?.get(id)
    return seconds === undefined || key === undefined || outcome !== "done" || task.soaking.has(id)
      ? []
      : [SoakStarted.make({ key, until: DateTime.addDuration(now, (seconds * 1000) / timeScale) })]
  })

/** What keys had left that the proof does not show any more, or that they hold less since their budget was cut. */
const creditObserved = ({ action, planned }: Task, proof: Proof): Credit | null => {
  if (proof === null) return null
  if (action === "contain") {
    return sum(planned.map((key) => remaining(key.remaining, proof.get(key.id)?.remaining ?? zero)))
  }
  if (!isFinal(action)) return zero
  return sum(planned.flatMap((key) => (proof.has(key.id) ? [] : [key.remaining])))
}
