import type { LogView } from "@keysweep/audit/Projection"
import { AccountId } from "@keysweep/core/Account"
import { digestOf } from "@keysweep/core/Canonical"
import { Credit, sum, zero } from "@keysweep/core/Credit"
import { KeyId } from "@keysweep/core/ProxyKey"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { DateTime, Duration, Either, Schema } from "effect"
import { Action, isFinal } from "./Action.ts"
import { ChecklistItem, checklistOf } from "./Checklist.ts"
import { gate, liveText, liveTime, usedWithin } from "./Gate.ts"
import { GateResult, LiftableCheck } from "./GateResult.ts"
import { type InventoryKey, inventoryOf, type Reading } from "./Inventory.ts"
import { liftable, lifted } from "./Override.ts"
import { holdCheck, secondPersonCheck } from "./PeopleChecks.ts"
import { InventoryPartial, PlanStale, PlanUnreadable } from "./PlanError.ts"
import { PlannedKey, plannedKey } from "./PlannedKey.ts"
import { approvalsNeeded, isAutomatic, ownersIn, protectionOf, type Settings } from "./Settings.ts"
import { type Judged, select, SelectionRefused, type Selector } from "./Selection.ts"

const content = {
  schema: Schema.Literal("keysweep.plan/1"),
  account: AccountId,
  action: Action,
  /** `bulk`: the one request that deletes every key of the account. */
  method: Schema.Literal("each", "bulk"),
  reason: Schema.NullOr(Schema.String),
  keys: Schema.Array(PlannedKey),
  skipped: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String })),
  gate: Schema.Array(GateResult),
  /** Checks that block and were lifted for this plan, with its reason. */
  overridden: Schema.Array(LiftableCheck),
  /** The settings let this happen without confirmation and approval. */
  automatic: Schema.Boolean,
  checklist: Schema.Array(ChecklistItem),
  /** Requests of the whole run: one fresh reading, the writes, the proof. */
  requests: Schema.Int,
  estimateSeconds: Schema.Number,
  /** Credit that should return to the account's balance, if unused credit returns on deletion (`proxy-delete`). */
  creditExpected: Credit,
  createdAt: Schema.DateTimeUtc,
  expiresAt: Schema.DateTimeUtc,
  /** The settings that held when the plan was made; they are judged again when it runs. */
  settings: Schema.NullOr(Schema.Struct({ file: Schema.String, digest: Schema.String })),
  /** Makes two plans of the same keys two plans: each runs once. */
  nonce: Schema.String,
  /** Over account, action, keys with their settings, and skips: the same from every surface. */
  digest: Schema.String
}
const PlanContent = Schema.Struct(content)
type PlanContent = typeof PlanContent.Type

/** A saved contract: exactly these keys, with exactly these settings, once. Holds no secret. */
export const Plan = Schema.Struct({ hash: Schema.String, ...content }).annotations({ identifier: "Plan" })
export type Plan = typeof Plan.Type

export interface PlanRequest {
  readonly action: Action
  /** Left out for `delete-all`, which names its target itself. */
  readonly selector?: Selector
  readonly reason?: string | null
  /** Lifts every blocking check that the settings allow to be lifted. Needs a reason. */
  readonly override?: boolean
}

export interface PlanFacts {
  readonly reading: Reading
  readonly now: DateTime.Utc
  readonly nonce: string
  /** Milliseconds that so many requests take under this account's limit. */
  readonly estimate: (requests: number) => number
  /** Divides the plan's lifetime of 24 hours. */
  readonly timeScale: number
  readonly settings: typeof Settings.Service
  /** Until when keys are soaking, from the log. */
  readonly soaks: LogView["soaks"]
  /** What is held, from the log. */
  readonly holds: LogView["holds"]
  /** Checks that only the log can answer. */
  readonly fromLog: ReadonlyArray<GateResult>
}

/** Nothing to do is an answer, not an error: no key was selected, or every one is as wanted already. */
export type Planning = { readonly selected: ReadonlyArray<Judged>; readonly left: ReadonlyArray<Judged> } & (
  | { readonly _tag: "Plan"; readonly plan: Plan }
  | { readonly _tag: "Nothing"; readonly detail: string }
)

/** Pure: the same reading, request and facts give the same plan. Nothing is written anywhere. */
export const makePlan = (
  request: PlanRequest,
  facts: PlanFacts
): Either.Either<Planning, SelectionRefused | InventoryPartial> =>
  Either.gen(function* () {
    const { action } = request
    const { reading, now } = facts
    const owners = ownersIn(facts.settings)
    const inventory = inventoryOf(reading, owners)
    if (action === "delete-all" && request.selector !== undefined && request.selector.all !== true) {
      return yield* Either.left(
        new SelectionRefused({
          detail: "delete-all means every key, so it takes no selector.",
          candidates: [],
          place: null
        })
      )
    }
    const selector = action === "delete-all" ? { ...request.selector, all: true } : (request.selector ?? {})
    const { selected, left } = yield* select(inventory, selector, owners)
    if (inventory.partial && !namesEachKey(selector)) {
      return yield* Either.left(new InventoryPartial({ unreadable: inventory.unreadable.length }))
    }
    const rows = selected.map(({ key }) => key).sort(byNameThenId)
    const skipReason = (key: InventoryKey): string | null => {
      const protection = protectionOf(facts.settings, key, now)
      if (protection !== null) return `protected: ${protection}`
      return isAsWanted(action, key) ? `already ${key.state}` : null
    }
    const skipped = rows.flatMap((key) => {
      const reason = skipReason(key)
      return reason === null ? [] : [{ id: key.id, name: key.name, reason }]
    })
    const toDo = rows.filter((key) => !skipped.some(({ id }) => id === key.id))
    if (toDo.length === 0) return { _tag: "Nothing", detail: nothingToDo(skipped), selected, left }
    const byId = new Map(reading.listing.keys.map((key) => [key.id, key]))
    const keys = toDo.flatMap((row) => plannedKey(row, byId.get(row.id)))
    const oneByOne = keys.length + 2
    // One by one touches nothing else, so the bulk request must at least save something.
    const method: Plan["method"] =
      action === "delete-all" && skipped.length === 0 && oneByOne > bulkRequests ? "bulk" : "each"
    const requests = method === "bulk" ? bulkRequests : oneByOne
    // Somebody may have pasted the leaked key into it. A blank is no reason.
    const reason = withoutSecrets((request.reason ?? "").trim()) || null
    const live = liveTime(facts.settings, facts.timeScale)
    const recentlyUsed = keys.filter((key) => usedWithin(key.lastUsedAt, now, live)).length
    const automatic = isAutomatic(facts.settings, action, toDo)
    const results = [
      ...gate({ ...facts, action, keys, inAccount: inventory.keys.length }),
      // Nobody can have approved what is only being made.
      ...(automatic || !isFinal(action) ? [] : [secondPersonCheck(0, approvalsNeeded(facts.settings, action))]),
      holdCheck(null, keys, facts.holds),
      ...facts.fromLog
    ]
    const overridden = request.override === true && reason !== null ? liftable(results, facts.settings) : []
    const plan: PlanContent = {
      schema: "keysweep.plan/1",
      account: reading.account,
      action,
      method,
      reason,
      keys,
      skipped,
      gate: lifted(results, overridden),
      overridden,
      automatic,
      checklist: checklistOf({
        recentlyUsed,
        within: liveText(facts.settings),
        reason,
        notified: facts.settings.notices.some(({ before }) => before.includes(action))
      }),
      requests,
      estimateSeconds: Math.ceil(facts.estimate(requests) / 100) / 10,
      creditExpected: isFinal(action) ? sum(keys.map((key) => key.remaining)) : zero,
      createdAt: now,
      expiresAt: DateTime.addDuration(now, Duration.millis(86_400_000 / facts.timeScale)),
      settings: facts.settings.source,
      nonce: facts.nonce,
      digest: digestOf({
        account: reading.account,
        action,
        keys: keys.map((key) => ({ id: key.id, prior: key.prior })),
        skipped: skipped.map(({ id, reason }) => ({ id, reason }))
      })
    }
    return { _tag: "Plan", plan: { hash: hashOf(plan), ...plan }, selected, left }
  })

/** SHA-256 over the whole document but its own hash. */
export const hashOf = (plan: PlanContent): string => digestOf(Schema.encodeSync(PlanContent)(plan))

/**
 * What is wrong with a plan as a document: its hash does not fit, or it says two things at once. Anybody can write a file
 * with a hash that fits, and whoever confirms a disabling must not get the request that deletes every key.
 */
export const flawOf = (plan: Plan): PlanStale | null => {
  const flawed = (detail: string) => new PlanStale({ reason: "changed", detail, drift: [] })
  if (hashOf(plan) !== plan.hash) {
    return flawed("The plan was changed after it was made: its hash no longer fits. Nothing was done.")
  }
  if (plan.method === "bulk" && (plan.action !== "delete-all" || plan.skipped.length > 0)) {
    return flawed(
      "This plan was not made by Keysweep: it would delete every key and does not say so. Nothing was done."
    )
  }
  return new Set(plan.keys.map(({ id }) => id)).size < plan.keys.length
    ? flawed("This plan was not made by Keysweep: it names a key twice. Nothing was done.")
    : null
}

/** A plan document as it was saved: `PlanUnreadable` when it is none, `PlanStale` when it was changed since. */
export const decodePlan = (text: string): Either.Either<Plan, PlanUnreadable | PlanStale> =>
  Schema.decodeUnknownEither(Schema.parseJson(Plan))(text).pipe(
    Either.mapLeft(() => new PlanUnreadable({ detail: "this is not a plan document (keysweep.plan/1)" })),
    Either.flatMap((plan): Either.Either<Plan, PlanStale> => {
      const flaw = flawOf(plan)
      return flaw === null ? Either.right(plan) : Either.left(flaw)
    })
  )

export const encodePlan = Schema.encodeSync(Plan)

/** A fresh reading for drift and backup, another one just before the call, the call, the proof. */
const bulkRequests = 4

const namesEachKey = (selector: Selector): boolean => (selector.keys?.length ?? 0) > 0

const isAsWanted = (action: Action, key: InventoryKey): boolean =>
  (action === "disable" && key.state === "disabled") || (action === "enable" && key.state !== "disabled")

const nothingToDo = (skipped: Plan["skipped"]): string => {
  const [first, ...others] = skipped
  if (first === undefined) return "no key was selected"
  if (others.length === 0) return `${first.name} is left alone (${first.reason})`
  return `all ${skipped.length} selected keys are left alone (${[...new Set(skipped.map(({ reason }) => reason))].join(", ")})`
}

const byNameThenId = (a: InventoryKey, b: InventoryKey): number => compare(a.name, b.name) || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const isPlanExpired = (plan: Plan, now: DateTime.Utc): boolean => DateTime.lessThanOrEqualTo(plan.expiresAt, now)
