import type { Operator } from "@keysweep/audit/Actor"
import { Backups, type BackupUnavailable } from "@keysweep/audit/Backup"
import { BackupTaken, Confirmed as ConfirmedEvent, KeyPlanned, RunStarted, SoakEnded } from "@keysweep/audit/Event"
import { hold, type LeaseHeld, type Leases } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { LogUnavailable } from "@keysweep/audit/LogStore"
import { makeRunId, type RunId } from "@keysweep/audit/RunId"
import { Account } from "@keysweep/core/Account"
import type { KeyReader, ReadError } from "@keysweep/core/KeyReader"
import type { Pacer } from "@keysweep/core/Pacer"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import type { Transport } from "@keysweep/core/Transport"
import { DateTime, Effect } from "effect"
import type * as Acting from "./Acting.ts"
import type { Confirmed } from "./Confirmation.ts"
import { execute } from "./Execution.ts"
import { read, type Reading } from "./Inventory.ts"
import { originHere } from "./OriginCheck.ts"
import { flawOf, isPlanExpired, type Plan } from "./Plan.ts"
import { match, stale } from "./PlanMatch.ts"
import type { Notices } from "./Notice.ts"
import { settleEarlier } from "./masterkey/Earlier.ts"
import { notify, permitted, recordOverrides, viewOf } from "./Permission.ts"
import type { GateBlocked, InventoryPartial, PlanStale } from "./PlanError.ts"
import { recordPolicy } from "./Policy.ts"
import { Progress } from "./Progress.ts"
import type { Attempt } from "./Proof.ts"
import type { Receipt } from "./Receipt.ts"
import type { ScanMemory } from "./scan/ScanMemory.ts"
import { protectionOf, Settings } from "./Settings.ts"
import { isGivenBack } from "./Undo.ts"

export interface RunInput {
  readonly plan: Plan
  readonly confirmed: Confirmed
  /** A reading that the operator has just confirmed; read anew where there is none or another run came between. */
  readonly reading: Reading | null
}

type RunServices =
  | Account
  | KeyReader
  | Transport
  | Pacer
  | Log
  | Backups
  | Leases
  | Operator
  | Settings
  | Notices
  | ScanMemory
  | Progress

type RunError = ReadError | LogUnavailable | BackupUnavailable | LeaseHeld | InventoryPartial | PlanStale | GateBlocked

/**
 * Executes one plan, once. Every failure means that nothing was changed: from the first write on, a run ends in a
 * receipt. Lease, one-time check, fresh reading, drift, confirmation, backup, intent and call, proof, receipt.
 */
export const run = (input: RunInput): Effect.Effect<Receipt, RunError, RunServices> =>
  Effect.gen(function* () {
    const { plan, confirmed } = input
    const id = yield* makeRunId
    const startedAt = yield* DateTime.now
    yield* checkPlan(plan, confirmed, startedAt)
    yield* hold(plan.account, id)
    return yield* runUnderLease(input, id, startedAt)
  }).pipe(Effect.scoped, Effect.withSpan("Run.run"))

/** The same, for whoever holds the account for this run already and has just made the plan. */
export const runUnderLease = (input: RunInput, id: RunId, startedAt: DateTime.Utc) =>
  Effect.gen(function* () {
    const { plan, confirmed } = input
    const log = yield* Log
    const progress = yield* Progress
    const records = yield* log.records
    yield* notUsed(plan, records)
    const reading = yield* freshReading(input.reading, records)
    yield* Effect.flatMap(Account, ({ credential }) => settleEarlier(records, credential))
    yield* givesBackItsOwn(plan, records)
    const { absent, keys: found } = yield* match(plan, reading)
    yield* permitted(
      plan,
      found.map(({ fresh }) => fresh),
      reading,
      confirmed,
      records
    )
    const settings = yield* Settings
    const held = new Map(
      found.flatMap(({ planned, fresh }) => {
        const why = protectionOf(settings, fresh, startedAt)
        return why === null ? [] : [[planned.id, why] as const]
      })
    )
    const keys = found.filter(({ planned }) => !held.has(planned.id))
    const under = confirmed.under === undefined ? {} : { under: confirmed.under.plan }
    yield* log.append(ConfirmedEvent.make({ plan: plan.hash, how: confirmed.how, ...under }), id)
    yield* recordOverrides(plan, id)
    yield* recordPolicy(records, id)
    yield* notify(plan, id)

    yield* progress.report({ _tag: "Phase", phase: "backing up" })
    const backup = yield* backUp(
      id,
      reading.at,
      keys.map(({ fresh }) => fresh)
    )
    yield* endSoaks(plan, id, records)
    const soaks = new Map(plan.thenDelete.flatMap(({ keys, soakSeconds }) => keys.map((key) => [key, soakSeconds])))
    yield* begin(plan, id, keys, soaks)
    const known = new Map<KeyId, Attempt>([
      ...absent.map((key) => [key, { result: "absent" }] as const),
      ...[...held].map(([key, why]) => [key, { result: "not sent", detail: `protected: ${why}` }] as const)
    ])
    return yield* execute({
      run: id,
      plan: plan.hash,
      account: plan.account,
      action: plan.action,
      // A bulk request cannot leave out a key that was protected since the plan was made.
      method: held.size === 0 ? plan.method : "each",
      panic: false,
      reason: plan.reason,
      keys: plan.keys,
      skipped: plan.skipped,
      refused: plan.refused,
      creditExpected: plan.creditExpected,
      backup: backup.id,
      permittedAt: records.at(-1)?.seq ?? 0,
      startedAt,
      dialect: reading.dialect,
      readAt: reading.at,
      planned: keys.map(({ fresh }) => fresh),
      work: keys,
      known,
      retired: new Set(),
      soaks,
      soaking: new Set(),
      plans: [plan.hash, ...(confirmed.under === undefined ? [] : [confirmed.under.plan])]
    })
  })

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

/**
 * Each key as it was, and then that the run has begun: from that last record on the plan is used, so a run that dies
 * while it writes the others has begun nothing.
 */
const begin = (plan: Plan, id: RunId, keys: Acting.Work["keys"], soaks: ReadonlyMap<KeyId, number>) =>
  Effect.gen(function* () {
    const log = yield* Log
    const ids = plan.keys.map((key) => key.id)
    const events = keys.map(({ fresh: key, planned: { becomes } }) => {
      const soakSeconds = soaks.get(key.id)
      return KeyPlanned.make({
        key,
        ...(becomes ? { becomes } : {}),
        ...(soakSeconds === undefined ? {} : { soakSeconds })
      })
    })
    yield* Effect.forEach(events, (event) => log.append(event, id), { concurrency: "unbounded", discard: true })
    yield* log.append(
      RunStarted.make({
        plan: plan.hash,
        digest: plan.digest,
        action: plan.action,
        keys: ids,
        reason: plan.reason,
        ...(yield* originHere),
        ...(plan.refused.length === 0 ? {} : { refused: plan.refused })
      }),
      id
    )
  })

/** Before the first key works again: keys that are enabled, and all that the run that is undone has set going. */
const endSoaks = (plan: Plan, id: RunId, records: ReadonlyArray<LogRecord>) =>
  Effect.gen(function* () {
    if (plan.action !== "enable") return
    const log = yield* Log
    const enabled = new Set(plan.keys.map((key) => key.id))
    const keys = [...viewOf(records).soaks.values()]
      .filter(({ key, run }) => enabled.has(key.id) || run === plan.undoes)
      .map(({ key }) => key.id)
    const how = plan.undoes === null ? "enabled again" : `${plan.undoes} is undone`
    if (keys.length > 0) yield* log.append(SoakEnded.make({ keys, how }), id)
  })

const checkPlan = (plan: Plan, confirmed: Confirmed, now: DateTime.Utc) => {
  const flaw = flawOf(plan)
  if (flaw !== null) return Effect.fail(flaw)
  if (confirmed.plan !== plan.hash)
    return stale("wrong hash", "What was confirmed is another plan; nothing was changed.")
  if (isPlanExpired(plan, now)) {
    return stale(
      "expired",
      `The plan expired at ${DateTime.formatIso(plan.expiresAt)}; nothing was changed. Make a new one.`
    )
  }
  return Effect.void
}

/** A plan runs once (I11). */
export const notUsed = (plan: Pick<Plan, "hash">, records: ReadonlyArray<LogRecord>) => {
  const used = records.find(({ event }) => event._tag === "RunStarted" && event.plan === plan.hash)
  return used === undefined
    ? Effect.void
    : stale(
        "used",
        `This plan was applied already, by ${used.run ?? "a run"}; nothing was changed. A plan runs once: make a new one.`
      )
}

const givesBackItsOwn = (plan: Plan, records: ReadonlyArray<LogRecord>) =>
  isGivenBack(plan, records)
    ? Effect.void
    : stale("changed", "The plan gives keys what no run has taken from them; nothing was changed.")

/** A reading is not fresh when another run, finished or not, has written since. */
export const freshReading = (reading: Reading | null, records: ReadonlyArray<LogRecord>) =>
  reading !== null &&
  !records.some(({ at, event }) => isWrite(event._tag) && DateTime.greaterThanOrEqualTo(at, reading.at))
    ? Effect.succeed(reading)
    : Effect.zipRight(
        Effect.flatMap(Progress, (progress) => progress.report({ _tag: "Phase", phase: "reading" })),
        read
      )

const isWrite = (tag: LogRecord["event"]["_tag"]): boolean => tag === "CallIntended" || tag === "CallSettled"
