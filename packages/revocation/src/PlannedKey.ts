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
