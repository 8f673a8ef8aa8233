import { Credit } from "@keysweep/core/Credit"
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
  remaining: Credit,
  lastUsedAt: Schema.NullOr(Schema.DateTimeUtc)
})
export type PlannedKey = typeof PlannedKey.Type

/** A key of an inventory, with the key as it was read; none where it was not. */
export const plannedKey = (row: InventoryKey, key: ProxyKey | undefined): ReadonlyArray<PlannedKey> =>
  key === undefined
    ? []
    : [
        {
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
          remaining: row.remaining,
          lastUsedAt: row.lastUsedAt
        }
      ]
