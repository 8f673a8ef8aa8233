import { Operator } from "@keysweep/audit/Actor"
import { NoticeSent, Overridden, type RunStarted } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { type LogView, makeProjection } from "@keysweep/audit/Projection"
import type { RunId } from "@keysweep/audit/RunId"
import { Account } from "@keysweep/core/Account"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Effect } from "effect"
import { approvalsOf } from "./Approval.ts"
import type { Confirmed } from "./Confirmation.ts"
import { gate, type GateFacts, liveTime, usedWithin } from "./Gate.ts"
import type { GateResult } from "./GateResult.ts"
import { inventoryOf, type Reading, timeBy } from "./Inventory.ts"
import type { Action } from "./Action.ts"
import { type NoticedPlan, Notices } from "./Notice.ts"
import { lifted } from "./Override.ts"
import { originCheck } from "./OriginCheck.ts"
import { holdCheck, secondPersonCheck } from "./PeopleChecks.ts"
import { endOf, type Plan } from "./Plan.ts"
import { GateBlocked } from "./PlanError.ts"
import { leaksIn } from "./leak/LeakIntake.ts"
import { policyCheck } from "./Policy.ts"
import { logCheck } from "./RecordsCheck.ts"
import { ScanMemory, storedIn } from "./scan/ScanMemory.ts"
import { isAutomatic, ownersIn, Settings } from "./Settings.ts"
import { findingsIn, soaksOf } from "./Soak.ts"

/** What the log says is so. */
export const viewOf = (records: ReadonlyArray<LogRecord>): LogView => {
  const projection = makeProjection()
  for (const record of records) projection.add(record)
  return projection.view()
}

/**
 * The whole gate once more, on the reading that the run goes by: use since the plan was made, settings and approvals of
 * now, holds. Everything that blocks is named at once.
 */
export const permitted = (
  plan: Plan,
  keys: ReadonlyArray<ProxyKey>,
  reading: Reading,
  confirmed: Confirmed,
  records: ReadonlyArray<LogRecord>
) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const { timeScale } = yield* Account
    const { actor, origin } = yield* Operator
    const { holds, soaks: soaking } = viewOf(records)
    const inventory = inventoryOf(reading, ownersIn(settings))
    const planned = new Set(plan.keys.map((key) => key.id))
    const automatic = isAutomatic(
      settings,
      endOf(plan),
      inventory.keys.filter((key) => planned.has(key.id)),
      leaksIn(records)
    )
    const stored = storedIn(yield* Effect.flatMap(ScanMemory, (memory) => memory.kept(plan.account)))
    const inAccount = inventory.keys.length
    const { plan: approved, requester } = confirmed.under ?? { plan: plan.hash, requester: actor }
    const { given, required } = approvalsOf({ ...plan, hash: approved }, requester, settings, records)
    const soaks = soaksOf({ keys, findings: findingsIn(inventory), records, soaks: soaking, settings, timeScale })
    const { action, thenDelete } = plan
    const now = timeBy(reading, yield* DateTime.now)
    const facts = { action, thenDelete, keys, inAccount, now, settings, timeScale, soaks, stored }
    const results = [
      ...lifted([...gate(facts), policyCheck(settings, records)], stillLifted(plan, settings)),
      ...liveSince(plan, facts),
      yield* logCheck,
      ...(automatic ? [] : [secondPersonCheck(given.length, required)]),
      automaticCheck(confirmed, automatic),
      originCheck(settings, plan.origin, origin),
      holdCheck([plan.hash, approved], plan.keys, holds)
    ]
    const blocks = results.filter(({ result }) => result === "block")
    if (blocks.length > 0) return yield* new GateBlocked({ blocks })
  })

/** Only with a reason, only what may still be lifted, and looser settings only if they are those that were questioned. */
const stillLifted = (plan: Plan, settings: typeof Settings.Service): Plan["overridden"] =>
  plan.reason === null
    ? []
    : plan.overridden.filter((check) =>
        check === "policy" ? plan.settings?.digest === settings.source?.digest : settings.overridable.includes(check)
      )

/** Whoever lifted "live use" did so for the keys that were in use then: one that has come into use since blocks. */
const liveSince = (plan: Plan, { keys, now, settings, timeScale }: GateFacts): ReadonlyArray<GateResult> => {
  if (!plan.overridden.includes("live use") || !settings.block.includes("live use")) return []
  const time = liveTime(settings, timeScale)
  const known = new Set(
    plan.keys.filter((key) => usedWithin(key.lastUsedAt, plan.createdAt, time)).map((key) => key.id)
  )
  const others = keys.filter((key) => !known.has(key.id) && usedWithin(key.lastUsedAt, now, time))
  const detail = `used since this was overridden: ${others.map((key) => key.name).join(", ")}`
  return others.length === 0 ? [] : [{ check: "live use", result: "block", detail, lift: "make a new plan" }]
}

/**
 * What can stop a run that was permitted when it began and goes on now: a hold, settings that are looser than those it
 * began under, and that it began elsewhere. A deletion after a soak goes on wherever `runDue` is called.
 */
export const stillPermitted = (
  started: Pick<typeof RunStarted.Type, "plan" | "origin">,
  plans: ReadonlyArray<string>,
  keys: ReadonlyArray<{ readonly id: KeyId; readonly name: string }>,
  records: ReadonlyArray<LogRecord>
) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const { origin } = yield* Operator
    const { confirmed, holds } = viewOf(records)
    const results = [
      holdCheck(plans, keys, holds),
      policyCheck(settings, records),
      ...(confirmed.get(started.plan) === "soak" ? [] : [originCheck(settings, started.origin, origin)])
    ]
    const blocks = results.filter(({ result }) => result === "block")
    if (blocks.length > 0) return yield* new GateBlocked({ blocks })
  })

const automaticCheck = ({ how, under }: Confirmed, automatic: boolean): GateResult => {
  const block = !automatic && (how === "automatic" || under?.automatic === true)
  return {
    check: "automatic",
    result: block ? "block" : "pass",
    detail: automatic ? "the settings ask for nobody" : "the settings do not call this automatic (any more)",
    lift: block ? "confirm a plan that says so" : null
  }
}

/** Tells those whom the settings name. A required notice that is not delivered blocks; each delivery is recorded. */
export const notify = (plan: NoticedPlan, run: RunId) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const notices = yield* Notices
    const log = yield* Log
    const { actor } = yield* Operator
    const about: ReadonlyArray<Action> =
      plan.schema === "keysweep.plan/1" ? [plan.action, endOf(plan)] : ["disable", "delete"]
    const targets = settings.notices.filter(({ before }) => about.some((it) => before.includes(it)))
    const failures = yield* Effect.forEach(
      targets,
      (target) =>
        notices.send(target, plan, actor.name).pipe(
          Effect.zipRight(log.append(NoticeSent.make({ plan: plan.hash, to: target.name, about: plan.action }), run)),
          Effect.as([]),
          Effect.catchTag("NoticeFailed", (failed) => Effect.succeed(target.required ? [failed] : []))
        ),
      { concurrency: 4 }
    )
    const blocks = failures.flat().map((failed) => ({
      check: "no notice",
      detail: failed.message,
      lift: "mend the address, or make the notice optional in the settings"
    }))
    if (blocks.length > 0) return yield* new GateBlocked({ blocks })
  })

/** The checks that were lifted for this plan, on record with the reason. */
export const recordOverrides = (plan: Plan, run: RunId) =>
  Effect.gen(function* () {
    const log = yield* Log
    for (const check of plan.overridden) {
      yield* log.append(Overridden.make({ check, reason: plan.reason ?? "" }), run)
    }
  })
