import { Origin } from "@keysweep/audit/Actor"
import type { LogView } from "@keysweep/audit/Projection"
import { AccountId } from "@keysweep/core/Account"
import type { AccountUse } from "@keysweep/core/AccountReader"
import { digestOf } from "@keysweep/core/Canonical"
import { sum } from "@keysweep/core/Credit"
import { isExpired, KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Duration, Either, Schema } from "effect"
import { GateResult, LiftableCheck } from "../GateResult.ts"
import { type InventoryKey, inventoryOf, type Reading, timeBy } from "../Inventory.ts"
import { liftable, lifted } from "../Override.ts"
import { InventoryPartial, PlanStale, PlanUnreadable } from "../PlanError.ts"
import { byNameThenId, nothingToDo } from "../PlannedKey.ts"
import { reasonIn, unexplained } from "../Reason.ts"
import { select, type SelectionRefused, type Selector } from "../Selection.ts"
import { ownersIn, protectionOf, type Settings } from "../Settings.ts"
import type { Stored } from "../scan/ScanMemory.ts"
import { type KeySoak, soakTimes } from "../Soak.ts"
import { sharedSink, sinkText, type SinkTarget } from "../sinks/SinkTarget.ts"
import { type Heir, heirOf, replacedBy, setAside } from "./Heirs.ts"
import { lostOf } from "./Lost.ts"
import { replaceGate } from "./ReplaceGate.ts"
import { ReplaceRefused } from "./ReplaceRefused.ts"
import { roomOf } from "./Room.ts"
import { notice, ReplaceAction, Values } from "./Values.ts"

const content = {
  schema: Schema.Literal("keysweep.replacement-plan/1"),
  account: AccountId,
  action: ReplaceAction,
  reason: Schema.NullOr(Schema.String),
  values: Values,
  /** The old keys, whose settings the new ones get. */
  keys: Schema.Array(ProxyKey),
  skipped: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String })),
  gate: Schema.Array(GateResult),
  overridden: Schema.Array(LiftableCheck),
  requests: Schema.Int,
  /** Without the time in which both keys work. */
  estimateSeconds: Schema.Number,
  createdAt: Schema.DateTimeUtc,
  expiresAt: Schema.DateTimeUtc,
  settings: Schema.NullOr(Schema.Struct({ file: Schema.String, digest: Schema.String })),
  /** The workflow that made it; absent: none did. */
  origin: Schema.optional(Origin),
  nonce: Schema.String,
  /** Over account, action, keys with their settings, values and skips: the same from every surface. */
  digest: Schema.String
}
const Content = Schema.Struct(content)

/** A saved contract: new keys in place of exactly these, their values to exactly these places, once. Holds no secret. */
export const ReplacePlan = Schema.Struct({ hash: Schema.String, ...content }).annotations({
  identifier: "ReplacePlan"
})
export type ReplacePlan = typeof ReplacePlan.Type

export interface ReplaceRequest {
  readonly action: ReplaceAction
  readonly selector: Selector
  readonly reason?: string | null
  /** Lifts every blocking check that the settings allow to be lifted. Needs a reason. */
  readonly override?: boolean
  readonly sinks: ReadonlyArray<SinkTarget>
  readonly credit?: Values["credit"]
  readonly limitType?: Values["limitType"]
  /** rotate: how long both keys work. At once without it. */
  readonly wait?: Duration.Duration
  /** rotate: how long the old keys stay disabled before they may be deleted. As the settings say, or 7 days, without it. */
  readonly soak?: Duration.Duration
}

export interface ReplaceFacts {
  readonly reading: Reading
  /** recreate: the keys of the backup, or those that the log has retired. */
  readonly source: ReadonlyArray<ProxyKey>
  /** `null`: it cannot be read. */
  readonly use: AccountUse | null
  readonly view: LogView
  /** As the log and the reading tell. */
  readonly heirs: ReadonlyArray<Heir>
  /** rotate: of the keys of the account. */
  readonly soaks: ReadonlyMap<KeyId, KeySoak>
  readonly stored: (key: KeyId) => Stored
  readonly now: DateTime.Utc
  readonly nonce: string
  /** Milliseconds that so many requests take. */
  readonly estimate: (requests: number) => number
  readonly timeScale: number
  readonly settings: typeof Settings.Service
  /** Where this workflow runs, if it is one. */
  readonly origin?: Origin | undefined
  readonly fromLog: ReadonlyArray<GateResult>
}

export type ReplacePlanning =
  | { readonly _tag: "Plan"; readonly plan: ReplacePlan }
  | { readonly _tag: "Nothing"; readonly detail: string }

/** Pure: the same facts give the same plan. */
export const makeReplacePlan = (
  request: ReplaceRequest,
  facts: ReplaceFacts
): Either.Either<ReplacePlanning, SelectionRefused | InventoryPartial | ReplaceRefused> =>
  Either.gen(function* () {
    const { action, limitType = null, sinks } = request
    const credit = request.credit ?? "remaining"
    const { now, reading, settings, use } = facts
    if (sinks.length === 0) {
      return yield* refuse("A new value must go somewhere: name a sink (dotenv:, github:, age:, command:).")
    }
    // What a partial list does not show may be there, and would be made twice.
    const unreadable = reading.listing.unreadable.length
    if (unreadable > 0) return yield* Either.left(new InventoryPartial({ unreadable }))
    const owners = ownersIn(settings)
    const listed = new Map(reading.listing.keys.map((key) => [key.id, key]))
    const from = action === "rotate" ? reading.listing.keys : facts.source
    const aside = setAside(action, facts.heirs, from)
    const selectedOf = (keys: ReadonlyArray<ProxyKey>) =>
      select(inventoryOf({ ...reading, listing: { ...reading.listing, keys } }, owners), request.selector, owners)
    // A name that two keys have means the one that is in use, if one of them is not.
    const { selected } = yield* Either.orElse(selectedOf(from), (refused) =>
      Either.mapLeft(selectedOf(from.filter(({ id }) => !aside.has(id))), () => refused)
    )
    const rows = selected.map(({ key }) => key).sort(byNameThenId)
    const byId = new Map(from.map((key) => [key.id, key]))
    const meant = new Set(rows.map(({ id }) => id))
    const notMeant = (id: KeyId) => {
      const found = aside.get(id)
      return found !== undefined && (action === "rotate" || meant.has(found.other)) ? found : null
    }
    const heirNow = (key: ProxyKey) => {
      const heir = heirOf(facts.heirs, key.id, reading.listing.keys)
      return heir !== undefined && (heir.settled || action === "recreate" || key.active) ? heir : null
    }
    const skipReason = (row: InventoryKey, key: ProxyKey): string | null => {
      if (isExpired(key, now)) return "expired"
      if (action === "recreate" && listed.has(key.id)) return "still in the account"
      const heir = heirNow(key)
      if (heir !== null) return replacedBy(heir)
      const other = notMeant(key.id)
      if (other !== null) return other.reason
      if ((credit === "remaining" ? key.remaining : key.allocated) === 0) return "it has no credit left"
      if (action === "recreate") return null
      const why = protectionOf(settings, key, now)
      if (why !== null) return `protected: ${why}`
      return key.active ? null : `already ${row.state}`
    }
    const judged = rows.flatMap((row) => {
      const key = byId.get(row.id)
      return key === undefined ? [] : [{ key, why: skipReason(row, key) }]
    })
    const able = judged.flatMap(({ key, why }) => (why === null ? [key] : []))
    // Both keys live for a while, so a rotation at the cap goes in batches: the rest when the first old keys are deleted.
    const room = roomOf(use, reading.listing.keys.length)
    const fit = action === "rotate" && room !== null && room > 0 ? room : able.length
    const keys = able.slice(0, fit)
    const skipped = [
      ...judged.flatMap(({ key: { id, name }, why }) => (why === null ? [] : [{ id, name, reason: why }])),
      ...able.slice(fit).map(({ id, name }) => ({
        id,
        name,
        reason: `no room under the plan's number of keys: rotate it when the first old keys are deleted`
      }))
    ]
    if (keys.length === 0) {
      // "Nothing to do" would read as done.
      const halfWay = judged.some(({ key }) => heirNow(key)?.settled === false || notMeant(key.id)?.unfinished === true)
      if (halfWay) {
        const reasons = [...new Set(skipped.map(({ reason }) => reason))].join(", ")
        return yield* refuse(`No plan was made: ${nothingToDo(skipped)}.`, `No plan was made: ${reasons}.`)
      }
      return { _tag: "Nothing", detail: nothingToDo(skipped) } as const
    }
    const shared = sharedSink(
      sinks,
      keys.map(({ name }) => name)
    )
    if (shared !== null) {
      const [one, other] = shared.names
      const cure = one === other ? "Name the place once." : "Use {NAME} in the sink, or take one key at a time."
      const whose = one === other ? `that of ${one} twice` : `those of ${one} and ${other}`
      return yield* refuse(
        `Two values would go to the same place, ${shared.sink}: ${whose}. ${cure}`,
        `Two values would go to the same place. ${cure}`
      )
    }
    const needs = needsOf(keys, credit)
    const reason = reasonIn(request.reason)
    const values: Values = {
      notice,
      sinks,
      credit,
      limitType,
      waitSeconds: Duration.toSeconds(request.wait ?? Duration.zero),
      soakSeconds: Math.max(...soakTimes(keys, request.soak ?? null, facts.soaks).map((it) => it.soakSeconds)),
      needs,
      lost: lostOf(keys, credit, limitType)
    }
    const results = replaceGate({
      ...facts,
      now: timeBy(reading, now),
      action,
      keys,
      inAccount: reading.listing.keys.length,
      needs,
      soakSeconds: values.soakSeconds,
      // Nobody can have approved what is only being made.
      approvals: 0
    })
    const overridden = request.override === true && reason !== null ? liftable(results, settings) : []
    const requests = requestsOf(action, keys, limitType)
    const plan: typeof Content.Type = {
      schema: "keysweep.replacement-plan/1",
      account: reading.account,
      action,
      reason,
      values,
      keys,
      skipped,
      gate: lifted(results, overridden),
      overridden,
      requests,
      estimateSeconds: Math.ceil(facts.estimate(requests) / 100) / 10,
      createdAt: now,
      expiresAt: DateTime.addDuration(now, Duration.millis(86_400_000 / facts.timeScale)),
      settings: settings.source,
      ...(facts.origin === undefined ? {} : { origin: facts.origin }),
      nonce: facts.nonce,
      digest: digestOf({
        account: reading.account,
        action,
        keys: keys.map((key) => Schema.encodeSync(ProxyKey)(key)),
        sinks: sinks.map(sinkText),
        credit,
        limitType,
        wait: values.waitSeconds,
        soak: values.soakSeconds,
        skipped: skipped.map(({ id, reason }) => ({ id, reason }))
      })
    }
    return { _tag: "Plan", plan: { hash: hashOf(plan), ...plan } } as const
  })

const needsOf = (keys: ReadonlyArray<ProxyKey>, credit: Values["credit"]) =>
  sum(keys.map((key) => (credit === "remaining" ? key.remaining : key.allocated)))

const hashOf = (plan: typeof Content.Type): string => digestOf(Schema.encodeSync(Content)(plan))

export const encodeReplacePlan = Schema.encodeSync(ReplacePlan)

/** What is wrong with a plan as a document; a right hash alone proves nothing, anybody can compute one. */
export const replaceFlawOf = (plan: ReplacePlan): PlanStale | null => {
  const flawed = (detail: string) => new PlanStale({ reason: "changed", detail, drift: [] })
  if (hashOf(plan) !== plan.hash) {
    return flawed("The plan was changed after it was made: its hash no longer fits. Nothing was done.")
  }
  if (reasonIn(plan.reason) === null) return flawed(unexplained)
  const names = plan.keys.map(({ name }) => name)
  const twice = new Set(plan.keys.map(({ id }) => id)).size < plan.keys.length
  if (twice || plan.values.sinks.length === 0 || sharedSink(plan.values.sinks, names) !== null) {
    return flawed("This plan was not made by Keysweep: a new value would be lost. Nothing was done.")
  }
  return plan.values.needs === needsOf(plan.keys, plan.values.credit)
    ? null
    : flawed("This plan was not made by Keysweep: its new keys need other credit than it says. Nothing was done.")
}

/** `PlanUnreadable` where it is none, `PlanStale` where it was changed since. */
export const decodeReplacePlan = (text: string): Either.Either<ReplacePlan, PlanUnreadable | PlanStale> =>
  Schema.decodeUnknownEither(Schema.parseJson(ReplacePlan))(text).pipe(
    Either.mapLeft(
      () => new PlanUnreadable({ detail: "this is not a plan to make keys (keysweep.replacement-plan/1)" })
    ),
    Either.flatMap((plan): Either.Either<ReplacePlan, PlanStale> => {
      const flaw = replaceFlawOf(plan)
      return flaw === null ? Either.right(plan) : Either.left(flaw)
    })
  )

const refuse = (detail: string, unnamed?: string) => Either.left(new ReplaceRefused({ detail, unnamed }))

export const requestsOf = (
  action: ReplaceAction,
  keys: ReadonlyArray<ProxyKey>,
  limitType: Values["limitType"]
): number => {
  const each = keys.map((key) => 2 + (limitType === null ? 0 : 1) + (action === "rotate" ? 2 : key.active ? 0 : 1))
  return each.reduce((all, one) => all + one, action === "rotate" ? 5 : 3)
}
