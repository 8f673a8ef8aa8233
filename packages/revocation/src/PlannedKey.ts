import { Credit } from "@keysweep/core/Credit"
import { NewSettings } from "@keysweep/core/KeySettings"
import { KeyId, KeyState, type ProxyKey, settingsDigest } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"
import type { InventoryKey } from "./Inventory.ts"

/** A planned key with the settings it had: a run refuses it when they are no longer the same. */
export const PlannedKey = Schema.Struct({
  id: KeyId,
  name: Schema.String,
  state: KeyState,
  /** SHA-256 over the settings, see `settingsDigest`. */
  prior: Schema.String,
  settings: Schema.Struct({
    active: Schema.Boolean,
    expiresAt: Schema.NullOr(Schema.DateTimeUtc),
    allocated: Credit,
    models: Schema.Array(Schema.String),
    addresses: Schema.Array(Schema.String)
  }),
  /** The settings that the key is to have; `null`: the action changes none. */
  becomes: Schema.NullOr(NewSettings),
  remaining: Credit,
  lastUsedAt: Schema.NullOr(Schema.DateTimeUtc)
})
export type PlannedKey = typeof PlannedKey.Type

/** A key of an inventory, with the key as it was read, and what it is to become. */
export const plannedKey = (row: InventoryKey, key: ProxyKey, becomes: NewSettings | null): PlannedKey => ({
  id: row.id,
  name: row.name,
  state: row.state,
  prior: settingsDigest(key),
  settings: {
    active: key.active,
    expiresAt: key.expiresAt,
    allocated: key.allocated,
    models: key.models,
    addresses: key.addresses
  },
  becomes,
  remaining: row.remaining,
  lastUsedAt: row.lastUsedAt
})

/** Why there is no plan. */
export const nothingToDo = (skipped: ReadonlyArray<{ readonly name: string; readonly reason: string }>): string => {
  const [first, ...others] = skipped
  if (first === undefined) return "no key was selected"
  if (others.length === 0) return `${first.name} is left alone (${first.reason})`
  return `all ${skipped.length} selected keys are left alone (${[...new Set(skipped.map(({ reason }) => reason))].join(", ")})`
}

/** The order of keys in every plan: by code unit, so that it is the same on every machine. */
export const byNameThenId = (a: InventoryKey, b: InventoryKey): number => compare(a.name, b.name) || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
