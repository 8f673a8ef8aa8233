import { AccountId } from "@keysweep/core/Account"
import { Credit, toCredits } from "@keysweep/core/Credit"
import { KeyId, KeyState } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime, Either, Schema } from "effect"
import type { Inventory, InventoryKey } from "./Inventory.ts"

const key = { id: KeyId, name: Schema.String }
const Listed = Schema.Struct({ ...key, state: KeyState })

const change = <Field extends string, A, I>(field: Field, value: Schema.Schema<A, I>) =>
  Schema.Struct({ field: Schema.Literal(field), before: value, after: value })

/** One setting of one key that is another than before. The order within an allow-list does not matter. */
export const Change = Schema.Union(
  change("name", Schema.String),
  change("active", Schema.Boolean),
  change("expiresAt", Schema.NullOr(Schema.DateTimeUtc)),
  change("allocated", Credit),
  change("models", Schema.Array(Schema.String)),
  change("addresses", Schema.Array(Schema.String))
)
export type Change = typeof Change.Type

const Reading = Schema.Struct({
  at: Schema.DateTimeUtc,
  /** Some records could not be read: a key that seems new or gone may only have been unreadable. */
  partial: Schema.Boolean
})

/**
 * What is different between two inventories of one account. Settings are what somebody changed; use is what happened by
 * itself, by spending or by the clock, and is no reason for alarm.
 */
export const Drift = Schema.Struct({
  schema: Schema.Literal("keysweep.drift/1"),
  account: AccountId,
  before: Reading,
  after: Reading,
  new: Schema.Array(Listed),
  gone: Schema.Array(Listed),
  changed: Schema.Array(Schema.Struct({ ...key, changes: Schema.Array(Change) })),
  use: Schema.Array(
    Schema.Struct({
      ...key,
      used: Schema.Struct({ before: Credit, after: Credit }),
      lastUsedAt: Schema.Struct({
        before: Schema.NullOr(Schema.DateTimeUtc),
        after: Schema.NullOr(Schema.DateTimeUtc)
      }),
      state: Schema.Struct({ before: KeyState, after: KeyState })
    })
  )
}).annotations({ identifier: "Drift" })
export type Drift = typeof Drift.Type

/** The inventories are of two accounts: everything would be gone and everything new. */
export class DriftRefused extends Schema.TaggedError<DriftRefused>()("DriftRefused", {
  before: AccountId,
  after: AccountId
}) {
  override get message(): string {
    return `The inventories are of two accounts, ${this.before} and ${this.after}.`
  }
}

/** Pure; keys in the order of their inventory. */
export const compareInventories = (before: Inventory, after: Inventory): Either.Either<Drift, DriftRefused> => {
  if (before.account !== after.account)
    return Either.left(new DriftRefused({ before: before.account, after: after.account }))
  const earlier = new Map(before.keys.map((it) => [it.id, it]))
  const later = new Set(after.keys.map(({ id }) => id))
  const pairs = after.keys.flatMap((now) => {
    const was = earlier.get(now.id)
    return was === undefined ? [] : [{ id: now.id, name: now.name, was, now }]
  })
  return Either.right({
    schema: "keysweep.drift/1",
    account: after.account,
    before: { at: before.at, partial: before.partial },
    after: { at: after.at, partial: after.partial },
    new: after.keys.filter(({ id }) => !earlier.has(id)).map(listed),
    gone: before.keys.filter(({ id }) => !later.has(id)).map(listed),
    changed: pairs.flatMap(({ id, name, now, was }) => {
      const changes = changesOf(was, now)
      return changes.length === 0 ? [] : [{ id, name, changes }]
    }),
    use: pairs.flatMap(({ id, name, now, was }) => (isUsedAlike(was, now) ? [] : [{ id, name, ...useOf(was, now) }]))
  })
}

/** Whether nobody changed anything; keys may have been used. */
export const isUnchanged = (drift: Drift): boolean =>
  drift.new.length === 0 && drift.gone.length === 0 && drift.changed.length === 0

/** One harmless line per key that is new or gone and per setting that changed. */
export const driftLines = (drift: Drift): ReadonlyArray<string> => [
  ...drift.new.map((it) => `new: ${called(it)}, ${it.state}`),
  ...drift.gone.map((it) => `gone: ${called(it)}, was ${it.state}`),
  ...drift.changed.flatMap((it) => it.changes.map((each) => `changed: ${called(it)}, ${changeText(each)}`))
]

const listed = ({ id, name, state }: InventoryKey) => ({ id, name, state })

const changesOf = (was: InventoryKey, now: InventoryKey): ReadonlyArray<Change> => {
  const candidates: ReadonlyArray<Change> = [
    { field: "name", before: was.name, after: now.name },
    { field: "active", before: isActive(was), after: isActive(now) },
    { field: "expiresAt", before: was.expiresAt, after: now.expiresAt },
    { field: "allocated", before: was.allocated, after: now.allocated },
    { field: "models", before: was.models, after: now.models },
    { field: "addresses", before: was.addresses, after: now.addresses }
  ]
  return candidates.filter((it) => comparable(it.before) !== comparable(it.after))
}

/** A disabled key is `disabled` whatever else holds; every other state comes of the clock or of spending. */
const isActive = ({ state }: InventoryKey): boolean => state !== "disabled"

const comparable = (value: Change["before"]): string => {
  if (DateTime.isDateTime(value)) return DateTime.formatIso(value)
  return JSON.stringify(typeof value === "object" && value !== null ? [...value].sort() : value)
}

const useOf = (was: InventoryKey, now: InventoryKey) => ({
  used: { before: was.used, after: now.used },
  lastUsedAt: { before: was.lastUsedAt, after: now.lastUsedAt },
  state: { before: was.state, after: now.state }
})

const isUsedAlike = (was: InventoryKey, now: InventoryKey): boolean =>
  was.used === now.used &&
  comparable(was.lastUsedAt) === comparable(now.lastUsedAt) &&
  (was.state === now.state || isActive(was) !== isActive(now))

const called = ({ id, name }: { readonly id: KeyId; readonly name: string }): string => `${oneLine(name, 60)} (${id})`

const changeText = (it: Change): string => {
  switch (it.field) {
    case "name":
      return `name: ${oneLine(it.before, 60)} → ${oneLine(it.after, 60)}`
    case "active":
      return it.after ? "enabled" : "disabled"
    case "expiresAt":
      return `expires: ${timeText(it.before)} → ${timeText(it.after)}`
    case "allocated":
      return `allocated: ${toCredits(it.before)} → ${toCredits(it.after)} credits`
    case "models":
    case "addresses":
      return `${it.field}: ${listText(it.before)} → ${listText(it.after)}`
  }
}

const timeText = (time: DateTime.Utc | null): string => (time === null ? "never" : DateTime.formatIso(time))

const listText = (entries: ReadonlyArray<string>): string =>
  entries.length === 0 ? "any" : oneLine([...entries].sort().join(" "), 200)
