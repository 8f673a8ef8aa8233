import type { Operator } from "@keysweep/audit/Actor"
import { Backups, type BackupUnavailable } from "@keysweep/audit/Backup"
import { BackupTaken, Confirmed as ConfirmedEvent, KeyPlanned, RunStarted } from "@keysweep/audit/Event"
import { hold, type LeaseHeld, type Leases } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { LogUnavailable } from "@keysweep/audit/LogStore"
import { makeRunId, type RunId } from "@keysweep/audit/RunId"
import type { Account } from "@keysweep/core/Account"
import type { KeyReader, ReadError } from "@keysweep/core/KeyReader"
import type { Pacer } from "@keysweep/core/Pacer"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import type { Transport } from "@keysweep/core/Transport"
import { DateTime, Effect } from "effect"
import type * as Acting from "./Acting.ts"
import type { Confirmed } from "./Confirmation.ts"
import { execute } from "./Execution.ts"
import { read, type Reading } from "./Inventory.ts"
import { flawOf, isPlanExpired, type Plan } from "./Plan.ts"
import type { PlannedKey } from "./PlannedKey.ts"
import { driftOf } from "./PlanDrift.ts"
import type { Notices } from "./Notice.ts"
import { notify, permitted, recordOverrides } from "./Permission.ts"
import { type GateBlocked, InventoryPartial, PlanStale } from "./PlanError.ts"
import { recordPolicy } from "./Policy.ts"
import { Progress } from "./Progress.ts"
import type { Attempt } from "./Proof.ts"
import type { Receipt } from "./Receipt.ts"
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
  | Progress

type RunError = ReadError | LogUnavailable | BackupUnavailable | LeaseHeld | InventoryPartial | PlanStale | GateBlocked

/**
 * Executes one plan, once. Every failure means that nothing was changed: from the first write on, a run ends in a
 * receipt. Lease, one-time check, fresh reading, drift, confirmation, backup, intent and call, proof, receipt.
 */
export const run = (input: RunInput): Effect.Effect<Receipt, RunError, RunServices> =>
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
    yield* log.append(ConfirmedEvent.make({ plan: plan.hash, how: confirmed.how }), id)
    yield* recordOverrides(plan, id)
    yield* recordPolicy(records, id)
    yield* notify(plan, id)

    yield* progress.report({ _tag: "Phase", phase: "backing up" })
    const backup = yield* backUp(
      id,
      reading.at,
      keys.map(({ fresh }) => fresh)
    )
    yield* begin(plan, id, keys)
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
      retired: new Set()
    })
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

/**
 * Each key as it was, and then that the run has begun: from that last record on the plan is used, so a run that dies
 * while it writes the others has begun nothing.
 */
const begin = (plan: Plan, id: RunId, keys: Acting.Work["keys"]) =>
  Effect.gen(function* () {
    const log = yield* Log
    const ids = plan.keys.map((key) => key.id)
    yield* Effect.forEach(
      keys,
      ({ fresh, planned: { becomes } }) =>
        log.append(KeyPlanned.make({ key: fresh, ...(becomes ? { becomes } : {}) }), id),
      {
        concurrency: "unbounded",
        discard: true
      }
    )
    yield* log.append(
      RunStarted.make({
        plan: plan.hash,
        digest: plan.digest,
        action: plan.action,
        keys: ids,
        reason: plan.reason,
        ...(plan.refused.length === 0 ? {} : { refused: plan.refused })
      }),
      id
    )
  })

const stale = (reason: PlanStale["reason"], detail: string, drift: PlanStale["drift"] = []) =>
  Effect.fail(new PlanStale({ reason, detail, drift }))

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

const notUsed = (plan: Plan, records: ReadonlyArray<LogRecord>) => {
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
const freshReading = (reading: Reading | null, records: ReadonlyArray<LogRecord>) =>
  reading !== null &&
  !records.some(({ at, event }) => isWrite(event._tag) && DateTime.greaterThanOrEqualTo(at, reading.at))
    ? Effect.succeed(reading)
    : Effect.zipRight(
        Effect.flatMap(Progress, (progress) => progress.report({ _tag: "Phase", phase: "reading" })),
        read
      )

const isWrite = (tag: LogRecord["event"]["_tag"]): boolean => tag === "CallIntended" || tag === "CallSettled"

interface Matched {
  readonly keys: ReadonlyArray<Acting.Work["keys"][number] & { readonly planned: PlannedKey }>
  readonly absent: ReadonlyArray<KeyId>
}

/**
 * Pairs planned keys with their fresh readings. A key that is gone is no drift; one that differs is. Where the reading is
 * partial nobody knows what is gone.
 */
const match = (plan: Plan, reading: Reading): Effect.Effect<Matched, InventoryPartial | PlanStale> => {
  if (reading.account !== plan.account) {
    return stale(
      "other account",
      `The plan is for ${plan.account}, the master key for ${reading.account}; nothing was changed.`
    )
  }
  const fresh = new Map(reading.listing.keys.map((key) => [key.id, key]))
  const drift = plan.keys.flatMap((planned) => {
    const now = fresh.get(planned.id)
    const changes = now === undefined ? [] : driftOf(planned, now)
    return changes.length === 0 ? [] : [{ id: planned.id, name: planned.name, changes }]
  })
  if (drift.length > 0) {
    return stale(
      "drift",
      `${drift.length} of ${plan.keys.length} planned keys have changed since; nothing was changed. Make a new plan.`,
      drift
    )
  }
  const absent = plan.keys.filter((key) => !fresh.has(key.id)).map((key) => key.id)
  const unreadable = reading.listing.unreadable.length
  if (unreadable > 0 && (absent.length > 0 || plan.method === "bulk")) return new InventoryPartial({ unreadable })
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
      return key === undefined || secret === undefined
        ? []
        : [{ planned, fresh: key, target: { id: planned.id, secret } }]
    }),
    absent
  })
}
