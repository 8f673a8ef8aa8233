import { AccountId } from "@keysweep/core/Account"
import { Credit, sum } from "@keysweep/core/Credit"
import type { Dialect } from "@keysweep/core/Dialect"
import { type KeyListing, KeyReader, type ReadError } from "@keysweep/core/KeyReader"
import { KeyId, KeyState, type ProxyKey, stateAt } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Schema } from "effect"
import { Finding, findingsAmong, type OwnerOf } from "./Findings.ts"
import { InventoryPartial, PlanStale } from "./PlanError.ts"

export const InventoryKey = Schema.Struct({
  id: KeyId,
  name: Schema.String,
  state: KeyState,
  findings: Schema.Array(Finding),
  allocated: Credit,
  used: Credit,
  remaining: Credit,
  createdAt: Schema.NullOr(Schema.DateTimeUtc),
  lastUsedAt: Schema.NullOr(Schema.DateTimeUtc),
  expiresAt: Schema.NullOr(Schema.DateTimeUtc),
  models: Schema.Array(Schema.String),
  addresses: Schema.Array(Schema.String)
})
export type InventoryKey = typeof InventoryKey.Type

/** One complete reading of an account's keys, as a document. Money in credits, times RFC 3339 UTC; never a secret. */
export const Inventory = Schema.Struct({
  schema: Schema.Literal("keysweep.inventory/1"),
  account: AccountId,
  at: Schema.DateTimeUtc,
  /** Some records could not be read: nothing is written from such an inventory except to keys named one by one. */
  partial: Schema.Boolean,
  unreadable: Schema.Array(Schema.Struct({ position: Schema.Int, problem: Schema.String })),
  keys: Schema.Array(InventoryKey),
  totals: Schema.Struct({
    keys: Schema.Int,
    active: Schema.Int,
    allocated: Credit,
    used: Credit,
    remaining: Credit
  })
}).annotations({ identifier: "Inventory" })
export type Inventory = typeof Inventory.Type

/** An inventory with what a run needs beside it: the keys as read, their secrets, the dialect. Never leaves the process. */
export interface Reading {
  readonly account: AccountId
  readonly at: DateTime.Utc
  readonly dialect: Dialect | null
  readonly listing: KeyListing
}

/** Reads every key and finds out whose they are: one request, and one more the first time an account is seen. */
export const read: Effect.Effect<Reading, ReadError, KeyReader> = Effect.gen(function* () {
  const reader = yield* KeyReader
  const listing = yield* reader.list
  const at = yield* DateTime.now
  const { account, dialect } = yield* reader.identify(listing)
  return { account, at, dialect, listing }
}).pipe(Effect.withSpan("Inventory.read"))

/**
 * The moment by which it is judged whether a time is over: by this machine's clock, or by the upstream's where this one
 * runs more than a minute ahead of it. What still soaks must not be deleted because somebody set a clock.
 */
export const timeBy = ({ at, listing: { answeredAt } }: Reading, now: DateTime.Utc): DateTime.Utc => {
  const ahead = answeredAt === null ? 0 : DateTime.distance(answeredAt, at)
  return ahead > 60_000 ? DateTime.subtract(now, { millis: ahead }) : now
}

/**
 * The reading that a run of this account is resumed on: of the same account, and whole, because what a list does not show
 * is settled as gone.
 */
export const readWhole = (account: AccountId) =>
  Effect.gen(function* () {
    const reading = yield* read
    const unreadable = reading.listing.unreadable.length
    if (unreadable > 0) return yield* new InventoryPartial({ unreadable })
    if (reading.account !== account) {
      const detail = `The run is of ${account}, the master key of ${reading.account}; nothing was changed.`
      return yield* new PlanStale({ reason: "other account", detail, drift: [] })
    }
    return reading
  })

/** The document of a reading. Without `ownerOf` no key is found to have an unknown owner. */
export const inventoryOf = (reading: Reading, ownerOf?: OwnerOf): Inventory => {
  const { keys, unreadable } = reading.listing
  const findingsOf = findingsAmong(keys, reading.at, ownerOf)
  const rows = keys.map((key) => inventoryKey(key, findingsOf(key), reading.at))
  return {
    schema: "keysweep.inventory/1",
    account: reading.account,
    at: reading.at,
    partial: unreadable.length > 0,
    unreadable,
    keys: rows,
    totals: {
      keys: rows.length,
      active: rows.filter((key) => key.state === "active").length,
      allocated: sum(rows.map((key) => key.allocated)),
      used: sum(rows.map((key) => key.used)),
      remaining: sum(rows.map((key) => key.remaining))
    }
  }
}

const inventoryKey = (key: ProxyKey, findings: ReadonlyArray<Finding>, now: DateTime.Utc): InventoryKey => ({
  id: key.id,
  name: key.name,
  state: stateAt(key, now),
  findings,
  allocated: key.allocated,
  used: key.used,
  remaining: key.remaining,
  createdAt: key.createdAt,
  lastUsedAt: key.lastUsedAt,
  expiresAt: key.expiresAt,
  models: key.models,
  addresses: key.addresses
})
