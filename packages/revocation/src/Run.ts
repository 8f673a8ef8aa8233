import { Operator } from "@keysweep/audit/Actor"
import { Backups } from "@keysweep/audit/Backup"
import { BackupTaken, Confirmed as ConfirmedEvent, KeyRetired, RunFinished, RunStarted } from "@keysweep/audit/Event"
import { hold, type LeaseHeld, type Leases } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import * as LogJournal from "@keysweep/audit/LogJournal"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { LogUnavailable } from "@keysweep/audit/LogStore"
import type { BackupUnavailable } from "@keysweep/audit/Backup"
import { makeRunId, type RunId } from "@keysweep/audit/RunId"
import { BulkDelete } from "@keysweep/core/BulkDelete"
import { type Credit, sum, toCredits, zero } from "@keysweep/core/Credit"
import { KeyReader, type ReadError } from "@keysweep/core/KeyReader"
import { KeyWriter } from "@keysweep/core/KeyWriter"
import { Pacer } from "@keysweep/core/Pacer"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import type { Transport } from "@keysweep/core/Transport"
import { DateTime, Effect, Layer } from "effect"
import { isFinal } from "./Action.ts"
import * as Acting from "./Acting.ts"
import { approvalGate, approvalsOf } from "./Approval.ts"
import type { Confirmed } from "./Confirmation.ts"
import { read, type Reading } from "./Inventory.ts"
import { driftOf, isPlanExpired, type Plan } from "./Plan.ts"
import { GateBlocked, PlanStale } from "./PlanError.ts"
import { protectionOf, Settings } from "./Settings.ts"
import { Progress } from "./Progress.ts"
import { type Attempt, judge, outcomeOf, type Shown, type Stop } from "./Proof.ts"
import type { Receipt } from "./Receipt.ts"
import { stopOf } from "./SweepError.ts"

export interface RunInput {
  readonly plan: Plan
  readonly confirmed: Confirmed
  /** A reading that the operator has just confirmed; read anew where there is none or another run came between. */
  readonly reading: Reading | null
}

type RunServices = KeyReader | Transport | Pacer | Log | Backups | Leases | Operator | Settings | Progress

type RunError = ReadError | LogUnavailable | BackupUnavailable | LeaseHeld | PlanStale | GateBlocked

/**
 * Executes one plan, once. Every failure means that nothing was changed: from the first write on, a run ends in a
 * receipt. Lease, one-time check, fresh reading, drift, confirmation, backup, intent and call, proof, receipt.
 */
export const run = (
  input: RunInput
): Effect.Effect<Receipt, RunError, RunServices> =>
  Effect.gen(function* () {
    const { plan, confirmed } = input
    const log = yield* Log
    const progress = yield* Progress
    const id = yield* makeRunId
    const startedAt = yield* DateTime.now
    yield* checkPlan(plan, confirmed, startedAt)
    yield* hold(plan.account, id)
    const records = yield* log.records
    yield* notUsed(plan, records)
    const reading = yield* freshReading(input.reading, records)
    yield* permitted(plan, records)
    const { absent, keys: found } = yield* match(plan, reading)
    const settings = yield* Settings
    const held = new Map(
      found.flatMap(({ planned }) => {
        const why = protectionOf(settings, planned, startedAt)
        return why === null ? [] : [[planned.id, why] as const]
      })
    )
    const keys = found.filter(({ planned }) => !held.has(planned.id))
    yield* log.append(ConfirmedEvent.make({ plan: plan.hash, how: confirmed.how }), id)

    yield* progress.report({ _tag: "Phase", phase: "backing up" })
    const backup = yield* backUp(id, reading.at, keys.map(({ fresh }) => fresh))
    const ids = plan.keys.map((key) => key.id)
    yield* log.append(
      RunStarted.make({ plan: plan.hash, digest: plan.digest, action: plan.action, keys: ids, reason: plan.reason }),
      id
    )

    const { attempts, stop } = yield* act(plan, held.size === 0 ? plan.method : "each", id, reading, keys)
    for (const key of absent) attempts.set(key, { result: "absent" })
    for (const [key, why] of held) attempts.set(key, { result: "not sent", detail: `protected: ${why}` })
    const proof = yield* prove(keys.length > 0)
    return yield* finish({ plan, id, keys, attempts, stop, proof, backup: backup.id, startedAt })
  }).pipe(Effect.scoped, Effect.withSpan("Run.run"))

/** Takes a backup that has been read back and checked, and records it. */
export const backUp = (id: RunId, at: DateTime.Utc, keys: ReadonlyArray<ProxyKey>) =>
  Effect.gen(function* () {
    const log = yield* Log
    const backups = yield* Backups
    const backup = yield* backups.take({ run: id, at, keys })
    yield* log.append(
      BackupTaken.make({ backup: backup.id, sha256: backup.sha256, keys: backup.keys, recipients: backup.recipients }),
      id
    )
    return backup
  })

const stale = (reason: PlanStale["reason"], detail: string, drift: PlanStale["drift"] = []) =>
  Effect.fail(new PlanStale({ reason, detail, drift }))

const checkPlan = (plan: Plan, confirmed: Confirmed, now: DateTime.Utc) => {
  if (confirmed.plan !== plan.hash) return stale("wrong hash", "What was confirmed is another plan; nothing was changed.")
  if (isPlanExpired(plan, now)) {
    return stale("expired", `The plan expired at ${DateTime.formatIso(plan.expiresAt)}; nothing was changed. Make a new one.`)
  }
  return Effect.void
}

const notUsed = (plan: Plan, records: ReadonlyArray<LogRecord>) => {
  const used = records.find(({ event }) => event._tag === "RunStarted" && event.plan === plan.hash)
  return used === undefined
    ? Effect.void
    : stale("used", `This plan was applied already, by ${used.run ?? "a run"}; nothing was changed. A plan runs once: make a new one.`)
}

/** The checks that only the log and the settings of now can answer; all that block are named at once. */
const permitted = (plan: Plan, records: ReadonlyArray<LogRecord>) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const { actor } = yield* Operator
    const results = [...plan.gate, approvalGate(approvalsOf(plan, actor, settings, records))]
    const blocks = results.filter(({ result }) => result === "block")
    if (blocks.length > 0) return yield* new GateBlocked({ blocks })
  })

/** A reading made before another run of this account is not fresh. */
const freshReading = (reading: Reading | null, records: ReadonlyArray<LogRecord>) =>
  reading !== null && !records.some(({ at, event }) => event._tag === "RunFinished" && DateTime.greaterThan(at, reading.at))
    ? Effect.succeed(reading)
    : Effect.zipRight(
        Effect.flatMap(Progress, (progress) => progress.report({ _tag: "Phase", phase: "reading" })),
        read
      )

interface Matched {
  readonly keys: Acting.Work["keys"]
  readonly absent: ReadonlyArray<KeyId>
}

/** Pairs planned keys with their fresh readings. A key that is gone is no drift; one that differs is. */
const match = (plan: Plan, reading: Reading): Effect.Effect<Matched, PlanStale> => {
  if (reading.account !== plan.account) {
    return stale("other account", `The plan is for ${plan.account}, the master key for ${reading.account}; nothing was changed.`)
  }
  const fresh = new Map(reading.listing.keys.map((key) => [key.id, key]))
  const drift = plan.keys.flatMap((planned) => {
    const now = fresh.get(planned.id)
    const changes = now === undefined ? [] : driftOf(planned, now)
    return changes.length === 0 ? [] : [{ id: planned.id, name: planned.name, changes }]
  })
  if (drift.length > 0) {
    return stale("drift", `${drift.length} of ${plan.keys.length} planned keys have changed since; nothing was changed. Make a new plan.`, drift)
  }
  const planned = new Set(plan.keys.map((key) => key.id))
  const others = reading.listing.keys.filter((key) => !planned.has(key.id))
  if (plan.method === "bulk" && others.length > 0) {
    return stale(
      "unplanned keys",
      `${others.length} keys of the account are not in the plan, and this plan deletes every key in one request; nothing was changed. Make a new plan.`,
      others.slice(0, 20).map(({ id, name }) => ({ id, name, changes: ["not in the plan"] }))
    )
  }
  return Effect.succeed({
    keys: plan.keys.flatMap((planned) => {
      const key = fresh.get(planned.id)
      const secret = reading.listing.secrets.get(planned.id)
      return key === undefined || secret === undefined ? [] : [{ planned, fresh: key, target: { id: planned.id, secret } }]
    }),
    absent: plan.keys.filter((key) => !fresh.has(key.id)).map((key) => key.id)
  })
}

const act = (plan: Plan, method: Plan["method"], id: RunId, reading: Reading, keys: Acting.Work["keys"]) =>
  Effect.gen(function* () {
    const pacer = yield* Pacer
    const progress = yield* Progress
    const estimateMillis = yield* pacer.estimate(method === "bulk" ? 3 : keys.length + 1).pipe(Effect.orElseSucceed(() => 0))
    yield* progress.report({ _tag: "Started", action: plan.action, total: keys.length, estimateMillis })
    yield* progress.report({ _tag: "Phase", phase: "acting" })
    const { dialect } = reading
    if (dialect === null || keys.length === 0) return { attempts: new Map<KeyId, Attempt>(), stop: null }
    const work = { action: plan.action, dialect, keys }
    const journal = LogJournal.layer(id)
    const acted = yield* method === "bulk"
      ? Acting.bulk(work).pipe(Effect.provide(Layer.provide(BulkDelete.layer, journal)))
      : Acting.each(work).pipe(Effect.provide(Layer.provide(KeyWriter.layer, journal)))
    return { attempts: new Map<KeyId, Attempt>(acted.attempts), stop: acted.stop }
  })

type Proof = ReadonlyMap<KeyId, ProxyKey> | null

/** A fresh list, or nothing: a partial one proves no absence. Where nothing was sent, nothing needs a proof. */
const prove = (needed: boolean): Effect.Effect<Proof, never, KeyReader | Progress> =>
  needed
    ? Effect.gen(function* () {
        const reader = yield* KeyReader
        const progress = yield* Progress
        yield* progress.report({ _tag: "Phase", phase: "proving" })
        const { keys, unreadable } = yield* reader.list
        return unreadable.length > 0 ? null : new Map(keys.map((key) => [key.id, key]))
      }).pipe(Effect.orElseSucceed(() => null))
    : Effect.succeed(new Map())

interface Ended {
  readonly plan: Plan
  readonly id: RunId
  readonly keys: Acting.Work["keys"]
  readonly attempts: ReadonlyMap<KeyId, Attempt>
  readonly stop: Stop | null
  readonly proof: Proof
  readonly backup: string
  readonly startedAt: DateTime.Utc
}

const finish = (ended: Ended) =>
  Effect.gen(function* () {
    const log = yield* Log
    const { attempts, id, plan, proof } = ended
    const verdicts = plan.keys.map((planned) => {
      const shown: Shown = proof === null ? "unread" : (proof.get(planned.id) ?? "absent")
      const attempt = attempts.get(planned.id) ?? { result: "not sent", detail: ended.stop?.detail ?? "the run ended before it" }
      return { id: planned.id, name: planned.name, ...judge(plan.action, attempt, shown) }
    })
    const observed = creditObserved(ended)
    const outcome = outcomeOf(verdicts, ended.stop)
    const how = isFinal(plan.action) ? "deleted" : "disabled"
    const retired = plan.action === "enable" ? [] : ended.keys.filter(({ target }) => verdicts.some((it) => it.id === target.id && it.outcome === "done"))
    const recorded = yield* Effect.forEach(
      retired,
      ({ fresh }) => log.append(KeyRetired.make({ key: fresh, how, owner: null, reason: plan.reason }), id),
      { concurrency: "unbounded", discard: true }
    ).pipe(
      Effect.zipRight(
        log.append(
          RunFinished.make({
            outcome,
            keys: verdicts.map(({ id, outcome }) => ({ id, outcome })),
            creditExpected: toCredits(plan.creditExpected),
            creditObserved: observed === null ? null : toCredits(observed)
          }),
          id
        )
      ),
      Effect.zipRight(log.anchor),
      Effect.map((anchor) => ({ anchor, stop: ended.stop })),
      Effect.catchAll((error) => Effect.succeed({ anchor: null, stop: stopOf(error) }))
    )
    const receipt: Receipt = {
      schema: "keysweep.receipt/1",
      run: id,
      plan: plan.hash,
      account: plan.account,
      action: plan.action,
      outcome: outcomeOf(verdicts, recorded.stop),
      stopped: recorded.stop?.detail ?? null,
      keys: verdicts,
      skipped: plan.skipped,
      creditExpected: plan.creditExpected,
      creditObserved: observed,
      backup: ended.backup,
      anchor: recorded.anchor,
      startedAt: ended.startedAt,
      finishedAt: yield* DateTime.now
    }
    return receipt
  })

/** What the planned keys held before the run, less what those still listed hold after it. */
const creditObserved = ({ keys, plan, proof }: Ended): Credit | null => {
  if (proof === null) return null
  if (!isFinal(plan.action)) return zero
  const released = keys.filter(({ target }) => !proof.has(target.id))
  return sum(released.map(({ fresh }) => fresh.remaining))
}
