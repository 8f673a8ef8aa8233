import { Operator } from "@keysweep/audit/Actor"
import { Confirmed as ConfirmedEvent, KeyPlanned, Overridden, RunStarted, ValuesPlanned } from "@keysweep/audit/Event"
import { hold } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { makeRunId } from "@keysweep/audit/RunId"
import { Account } from "@keysweep/core/Account"
import { AccountReader } from "@keysweep/core/AccountReader"
import { settingsDigest } from "@keysweep/core/ProxyKey"
import { DateTime, Effect } from "effect"
import type { Confirmed } from "../Confirmation.ts"
import { read, type Reading, timeBy } from "../Inventory.ts"
import { settleEarlier } from "../masterkey/Earlier.ts"
import { lifted } from "../Override.ts"
import { originCheck, originHere } from "../OriginCheck.ts"
import { approvalsOf } from "../Approval.ts"
import { notify, viewOf } from "../Permission.ts"
import { GateBlocked, InventoryPartial, PlanStale } from "../PlanError.ts"
import { planFacts } from "../PlanFacts.ts"
import { policyCheck, recordPolicy } from "../Policy.ts"
import { logCheck } from "../RecordsCheck.ts"
import { storedIn } from "../scan/ScanMemory.ts"
import { backUp, notUsed } from "../Run.ts"
import { protectionOf, Settings } from "../Settings.ts"
import { Sinks } from "../sinks/Sinks.ts"
import { sinkText } from "../sinks/SinkTarget.ts"
import { replaceGate } from "./ReplaceGate.ts"
import { type Heir, heirOf, heirsIn, replacedBy } from "./Heirs.ts"
import { replaceFlawOf, type ReplacePlan } from "./ReplacePlan.ts"
import { proceed } from "./ReplaceProceed.ts"
import { ReplaceRefused } from "./ReplaceRefused.ts"

/**
 * Executes one plan to make keys, once. Every failure means that nothing was changed: from the first create on, a run
 * ends in a receipt. No key is made before every sink has said that it could take a value.
 */
export const replaceRun = (plan: ReplacePlan, confirmed: Confirmed) =>
  Effect.gen(function* () {
    const log = yield* Log
    const run = yield* makeRunId
    const startedAt = yield* DateTime.now
    yield* checkPlan(plan, confirmed, startedAt)
    yield* hold(plan.account, run)
    const records = yield* log.records
    yield* notUsed(plan, records)
    const reading = yield* read
    yield* fits(plan, reading, heirsIn(records, reading.listing.keys))
    yield* Effect.flatMap(Account, ({ credential }) => settleEarlier(records, credential))
    yield* permitted(plan, reading, records)
    yield* checkSinks(plan)
    yield* log.append(ConfirmedEvent.make({ plan: plan.hash, how: confirmed.how }), run)
    for (const check of plan.overridden) {
      yield* log.append(Overridden.make({ check, reason: plan.reason ?? "" }), run)
    }
    yield* recordPolicy(records, run)
    if (plan.action === "rotate") yield* notify(plan, run)
    const backup = yield* backUp(run, reading.at, plan.keys)
    yield* Effect.forEach(plan.keys, (key) => log.append(KeyPlanned.make({ key }), run), { discard: true })
    const values = ValuesPlanned.make({
      sinks: plan.values.sinks.map(sinkText),
      credit: plan.values.credit,
      limitType: plan.values.limitType,
      wait: plan.values.waitSeconds * 1000,
      soak: plan.values.soakSeconds * 1000
    })
    yield* log.append(values, run)
    const keys = plan.keys.map(({ id }) => id)
    const { action, digest, hash, reason } = plan
    yield* log.append(RunStarted.make({ plan: hash, digest, action, keys, reason, ...(yield* originHere) }), run)
    return yield* proceed({
      run,
      plan: plan.hash,
      account: plan.account,
      action: plan.action,
      reason: plan.reason,
      values,
      olds: plan.keys,
      skipped: plan.skipped,
      backup: backup.id,
      startedAt,
      permittedAt: records.at(-1)?.seq ?? 0,
      reading,
      records: []
    })
  }).pipe(Effect.scoped, Effect.withSpan("ReplaceRun.replaceRun"))

const stale = (reason: PlanStale["reason"], detail: string, drift: PlanStale["drift"] = []) =>
  Effect.fail(new PlanStale({ reason, detail, drift }))

const checkPlan = (plan: ReplacePlan, confirmed: Confirmed, now: DateTime.Utc) => {
  const flaw = replaceFlawOf(plan)
  if (flaw !== null) return Effect.fail(flaw)
  if (confirmed.plan !== plan.hash)
    return stale("wrong hash", "What was confirmed is another plan; nothing was changed.")
  return DateTime.lessThanOrEqualTo(plan.expiresAt, now)
    ? stale(
        "expired",
        `The plan expired at ${DateTime.formatIso(plan.expiresAt)}; nothing was changed. Make a new one.`
      )
    : Effect.void
}

/** The account is the plan's, and the old keys are as planned: there and unchanged, or still gone, and nobody's heir yet. */
const fits = (
  plan: ReplacePlan,
  reading: Reading,
  heirs: ReadonlyArray<Heir>
): Effect.Effect<void, InventoryPartial | PlanStale> => {
  if (reading.account !== plan.account) {
    return stale(
      "other account",
      `The plan is for ${plan.account}, the master key for ${reading.account}; nothing was changed.`
    )
  }
  const unreadable = reading.listing.unreadable.length
  if (unreadable > 0) return new InventoryPartial({ unreadable })
  const fresh = new Map(reading.listing.keys.map((key) => [key.id, key]))
  const drift = plan.keys.flatMap((old) => {
    const { id, name } = old
    const now = fresh.get(id)
    const heir = heirOf(heirs, id, reading.listing.keys)
    if (heir !== undefined) return [{ id, name, changes: [replacedBy(heir)] }]
    if (plan.action === "recreate") return now === undefined ? [] : [{ id, name, changes: ["in the account again"] }]
    if (now === undefined) return [{ id, name, changes: ["gone"] }]
    return settingsDigest(now) === settingsDigest(old) ? [] : [{ id, name, changes: ["its settings have changed"] }]
  })
  return drift.length === 0
    ? Effect.void
    : stale(
        "drift",
        `${drift.length} of ${plan.keys.length} planned keys have changed since; nothing was changed. Make a new plan.`,
        drift
      )
}

const permitted = (plan: ReplacePlan, reading: Reading, records: ReadonlyArray<LogRecord>) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const now = yield* DateTime.now
    const use = yield* Effect.option(Effect.flatMap(AccountReader, (reader) => reader.use))
    const stillLifted =
      plan.reason === null
        ? []
        : plan.overridden.filter((check) =>
            check === "policy"
              ? plan.settings?.digest === settings.source?.digest
              : settings.overridable.includes(check)
          )
    const { actor, origin } = yield* Operator
    const facts = yield* planFacts(reading, records, [])
    const results = replaceGate({
      ...facts,
      now: timeBy(reading, facts.now),
      action: plan.action,
      // A key of the account as it is now: it may have come into use since it was planned.
      keys: plan.keys.map((old) => reading.listing.keys.find(({ id }) => id === old.id) ?? old),
      inAccount: reading.listing.keys.length,
      needs: plan.values.needs,
      soakSeconds: plan.values.soakSeconds,
      use: use._tag === "Some" ? use.value : null,
      view: viewOf(records),
      stored: storedIn(facts.scans),
      plan: plan.hash,
      fromLog: [policyCheck(settings, records), yield* logCheck, originCheck(settings, plan.origin, origin)],
      approvals: approvalsOf(plan, actor, settings, records).given.length
    })
    const blocks = lifted(results, stillLifted).filter(({ result }) => result === "block")
    if (blocks.length > 0) return yield* new GateBlocked({ blocks })
    const guarded =
      plan.action === "recreate" ? [] : plan.keys.filter((key) => protectionOf(settings, key, now) !== null)
    if (guarded.length > 0) {
      const drift = guarded.map(({ id, name }) => ({ id, name, changes: ["protected since"] }))
      return yield* stale("drift", "A planned key is protected now; nothing was changed. Make a new plan.", drift)
    }
  })

/** Every place for every key, before the first key is made: an orphan is worse than a refusal. */
const checkSinks = (plan: ReplacePlan) =>
  Effect.flatMap(Sinks, (sinks) =>
    Effect.forEach(
      plan.values.sinks,
      (target) => Effect.forEach(plan.keys, ({ name }) => sinks.check(target, name), { discard: true }),
      { discard: true }
    )
  ).pipe(
    Effect.mapError(
      ({ detail, message }) =>
        new ReplaceRefused({
          detail: `A new value could not be put where it is to go: ${message}. Nothing was changed.`,
          unnamed: `A new value could not be put where it is to go: ${detail}. Nothing was changed.`
        })
    )
  )
