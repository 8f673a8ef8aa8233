import { Origin } from "@keysweep/audit/Actor"
import type { LeakSource } from "@keysweep/audit/Event"
import type { LogView } from "@keysweep/audit/Projection"
import { RunId } from "@keysweep/audit/RunId"
import { AccountId } from "@keysweep/core/Account"
import { digestOf } from "@keysweep/core/Canonical"
import { Credit, sum } from "@keysweep/core/Credit"
import { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Duration, Either, Schema } from "effect"
import { Action, isFinal, isUpdate } from "./Action.ts"
import { type Aim, aimAt, freedBy } from "./Aim.ts"
import { ChecklistItem, checklistOf } from "./Checklist.ts"
import { widenings } from "./Contain.ts"
import { KeyEvidence, keyEvidenceOf } from "./Evidence.ts"
import { gate, liveText, liveTime, usedWithin } from "./Gate.ts"
import { GateResult, LiftableCheck } from "./GateResult.ts"
import { type Inventory, inventoryOf, type Reading, timeBy } from "./Inventory.ts"
import { liftable, lifted } from "./Override.ts"
import { holdCheck, secondPersonCheck } from "./PeopleChecks.ts"
import { InventoryPartial, KeysRefused, PlanStale, PlanUnreadable } from "./PlanError.ts"
import { byNameThenId, nothingToDo, PlannedKey, plannedKey } from "./PlannedKey.ts"
import { checkRequest, onlyRecreate, type PlanRequest, selectorOf } from "./PlanRequest.ts"
import { reasonIn, unexplained } from "./Reason.ts"
import { approvalsNeeded, isAutomatic, ownersIn, protectionOf, type Settings } from "./Settings.ts"
import { type KeySoak, soakTimes } from "./Soak.ts"
import { type KeptScan, storedIn } from "./scan/ScanMemory.ts"
import { type Judged, select, SelectionRefused, type Selector } from "./Selection.ts"

export type { PlanRequest }

const content = {
  schema: Schema.Literal("keysweep.plan/1"),
  account: AccountId,
  action: Action,
  /** `bulk`: the one request that deletes every key of the account. */
  method: Schema.Literal("each", "bulk"),
  reason: Schema.NullOr(Schema.String),
  /** The run that this takes back. */
  undoes: Schema.NullOr(RunId),
  keys: Schema.Array(PlannedKey),
  /** Disabled keys that are deleted once they have soaked for so long; empty: nothing is deleted afterwards. */
  thenDelete: Schema.Array(Schema.Struct({ soakSeconds: Schema.Number, keys: Schema.Array(KeyId) })),
  skipped: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String })),
  /** Keys that were asked for and cannot be done: a run leaves them out, and is then done in part. */
  refused: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String })),
  /** What is known of each key's use beside its last use, for whoever decides. It is of this machine: not in `digest`. */
  evidence: Schema.Array(KeyEvidence),
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
  /** The workflow that made it; absent: none did. Like the settings it is no part of `digest`. */
  origin: Schema.optional(Origin),
  /** Makes two plans of the same keys two plans: each runs once. */
  nonce: Schema.String,
  /** Over account, action, keys with their settings and what they become, skips and refusals: the same from every surface. */
  digest: Schema.String
}
const PlanContent = Schema.Struct(content)
type PlanContent = typeof PlanContent.Type

/** A saved contract: exactly these keys, with exactly these settings, once. Holds no secret. */
export const Plan = Schema.Struct({ hash: Schema.String, ...content }).annotations({ identifier: "Plan" })
export type Plan = typeof Plan.Type

/** What becomes of the keys in the end, which is what has to be confirmed, approved and judged. */
export const endOf = ({ action, thenDelete }: Pick<Plan, "action" | "thenDelete">): Action =>
  thenDelete.length > 0 ? "delete" : action

export interface PlanFacts {
  readonly reading: Reading
  readonly now: DateTime.Utc
  readonly nonce: string
  /** Milliseconds that so many requests take under this account's limit. */
  readonly estimate: (requests: number) => number
  /** Divides the plan's lifetime of 24 hours. */
  readonly timeScale: number
  readonly settings: typeof Settings.Service
  /** What the log and the settings say of the soak of each key. */
  readonly soaks: ReadonlyMap<KeyId, KeySoak>
  /** The inventory before this reading, for what was spent since. */
  readonly previous: Inventory | null
  readonly scans: ReadonlyArray<KeptScan>
  /** What is held, from the log. */
  readonly holds: LogView["holds"]
  /** By whom keys were reported as leaked, from the log. */
  readonly leaked: ReadonlyMap<KeyId, ReadonlySet<LeakSource>>
  /** Keys that were asked for and are not in the account. */
  readonly elsewhere: Plan["skipped"]
  /** Where this workflow runs, if it is one. */
  readonly origin?: Origin | undefined
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
): Either.Either<Planning, SelectionRefused | InventoryPartial | KeysRefused> =>
  Either.gen(function* () {
    const { action } = request
    const { reading, now } = facts
    const owners = ownersIn(facts.settings)
    const inventory = inventoryOf(reading, owners)
    yield* checkRequest(request, now)
    const byId = new Map(reading.listing.keys.map((key) => [key.id, key]))
    const gone = (request.undoes?.keys ?? []).filter(({ id }) => !byId.has(id))
    if (inventory.partial && gone.length > 0) {
      return yield* Either.left(new InventoryPartial({ unreadable: inventory.unreadable.length }))
    }
    const lost = gone.map(({ id, name }) => ({ id, name, reason: onlyRecreate }))
    if (lost.length > 0 && lost.length === request.undoes?.keys.length) return yield* allRefused(lost)
    const selector = selectorOf(request, byId)
    const { selected, left } = yield* select(inventory, selector, owners)
    if (inventory.partial && !namesEachKey(selector)) {
      return yield* Either.left(new InventoryPartial({ unreadable: inventory.unreadable.length }))
    }
    const rows = selected.map(({ key }) => key).sort(byNameThenId)
    const wish = {
      action,
      narrow: request.narrow,
      giveBack: request.undoes?.taken,
      soaks: request.thenDelete === undefined ? undefined : facts.soaks
    }
    const aims = rows.flatMap((row) => {
      const key = byId.get(row.id)
      if (key === undefined) return []
      const why = protectionOf(facts.settings, row, now)
      const aim: Aim = why === null ? aimAt(wish, key, row.state, now) : { _tag: "Skip", reason: `protected: ${why}` }
      return [{ row, key, aim }]
    })
    const having = (tag: "Skip" | "Refuse") =>
      aims.flatMap(({ aim, row: { id, name } }) => (aim._tag === tag ? [{ id, name, reason: aim.reason }] : []))
    const skipped = [...having("Skip"), ...facts.elsewhere]
    const refused = [...having("Refuse"), ...lost]
    const keys = aims.flatMap(({ aim, key, row }) => (aim._tag === "Do" ? [plannedKey(row, key, aim.becomes)] : []))
    if (keys.length === 0 && refused.length > 0) return yield* allRefused(refused)
    if (keys.length === 0) return { _tag: "Nothing", detail: nothingToDo(skipped), selected, left }
    const toDo = rows.filter((row) => keys.some(({ id }) => id === row.id))
    const oneByOne = keys.length + 2
    // One by one touches nothing else, so the bulk request must at least save something.
    const method: Plan["method"] =
      action === "delete-all" && skipped.length === 0 && oneByOne > bulkRequests ? "bulk" : "each"
    const requests = method === "bulk" ? bulkRequests : oneByOne
    const reason = reasonIn(request.reason)
    const judgedAt = timeBy(reading, now)
    const live = liveTime(facts.settings, facts.timeScale)
    const recentlyUsed = keys.filter((key) => usedWithin(key.lastUsedAt, judgedAt, live)).length
    const thenDelete = request.thenDelete === undefined ? [] : soakTimes(keys, request.thenDelete.after, facts.soaks)
    const end = endOf({ action, thenDelete })
    const automatic = isAutomatic(facts.settings, end, toDo, facts.leaked)
    const stored = storedIn(facts.scans)
    const inAccount = inventory.keys.length
    const evidence = toDo.map((key) => keyEvidenceOf(key, { ...facts, stored }))
    const results = [
      ...gate({ ...facts, now: judgedAt, action, thenDelete, keys, inAccount, stored }),
      // Nobody can have approved what is only being made.
      ...(automatic || !isFinal(end) ? [] : [secondPersonCheck(0, approvalsNeeded(facts.settings, end))]),
      holdCheck([], keys, facts.holds),
      ...facts.fromLog
    ]
    const overridden = reason === null ? [] : liftable(results, facts.settings).filter(isMeantBy(request.override))
    const plan: PlanContent = {
      schema: "keysweep.plan/1",
      account: reading.account,
      action,
      method,
      reason,
      undoes: request.undoes?.run ?? null,
      keys,
      thenDelete,
      skipped,
      refused,
      evidence,
      gate: lifted(results, overridden),
      overridden,
      automatic,
      checklist: checklistOf({
        recentlyUsed,
        stored: evidence.map((it) => it.stored),
        within: liveText(facts.settings),
        reason,
        notified: facts.settings.notices.some(({ before }) => before.includes(action) || before.includes(end))
      }),
      requests,
      estimateSeconds: Math.ceil(facts.estimate(requests) / 100) / 10,
      creditExpected: sum(
        keys.map((key) => freedBy(action, { ...key.settings, remaining: key.remaining }, key.becomes))
      ),
      createdAt: now,
      expiresAt: DateTime.addDuration(now, Duration.millis(86_400_000 / facts.timeScale)),
      settings: facts.settings.source,
      ...(facts.origin === undefined ? {} : { origin: facts.origin }),
      nonce: facts.nonce,
      digest: digestOf({
        account: reading.account,
        action,
        keys: Schema.encodeSync(Aims)(keys),
        skipped: skipped.map(({ id, reason }) => ({ id, reason })),
        refused: refused.map(({ id, reason }) => ({ id, reason })),
        ...(thenDelete.length === 0 ? {} : { thenDelete })
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
  if (reasonIn(plan.reason) === null) return flawed(unexplained)
  if (plan.method === "bulk" && (plan.action !== "delete-all" || plan.skipped.length > 0)) {
    return flawed(
      "This plan was not made by Keysweep: it would delete every key and does not say so. Nothing was done."
    )
  }
  const update = isUpdate(plan.action)
  if (plan.keys.some(({ becomes }) => (becomes !== null) !== update)) {
    return flawed("This plan was not made by Keysweep: it changes settings and does not say so. Nothing was done.")
  }
  const wider = plan.keys.some(({ becomes, settings }) => becomes !== null && widenings(settings, becomes).length > 0)
  if (plan.action === "contain" && wider) {
    return flawed("This plan was not made by Keysweep: it would widen what a key may do. Nothing was done.")
  }
  const ids = new Set(plan.keys.map(({ id }) => id))
  const soaking = plan.thenDelete.flatMap(({ keys }) => keys)
  if ((soaking.length > 0 && plan.action !== "disable") || soaking.some((id) => !ids.has(id))) {
    return flawed(
      "This plan was not made by Keysweep: it would delete keys that it does not disable. Nothing was done."
    )
  }
  return ids.size < plan.keys.length
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

const isMeantBy =
  (override: PlanRequest["override"]) =>
  (check: LiftableCheck): boolean =>
    typeof override === "object" ? override.includes(check) : override === true

const namesEachKey = (selector: Selector): boolean => (selector.keys?.length ?? 0) > 0

/** Says which key is to become what: all of a planned key that its digest is about. */
const Aims = Schema.Array(PlannedKey.pick("id", "prior", "becomes"))

const allRefused = (keys: Plan["refused"]) =>
  Either.left(
    new KeysRefused({
      detail: keys.length === 1 ? "The key cannot be done." : `None of the ${keys.length} keys can be done.`,
      keys
    })
  )

export const isPlanExpired = (plan: Pick<Plan, "expiresAt">, now: DateTime.Utc): boolean =>
  DateTime.lessThanOrEqualTo(plan.expiresAt, now)
