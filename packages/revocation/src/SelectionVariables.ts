import { toCredits } from "@keysweep/core/Credit"
import { DateTime, Duration } from "effect"
import type { InventoryKey } from "./Inventory.ts"

/** What an expression is asked about: a key, when it was read, and whose it is. */
export interface KeyFacts {
  readonly key: InventoryKey
  readonly at: DateTime.Utc
  readonly owner: string | null
}

export type VariableType = "string" | "bool" | "double" | "list<string>" | "timestamp" | "duration"
export type VariableValue = string | boolean | number | ReadonlyArray<string> | DateTime.Utc | Duration.Duration

interface Variable {
  readonly type: VariableType
  readonly valueOf: (facts: KeyFacts) => VariableValue
}

/**
 * The names that an expression may use; `docs/selection.md` says what they mean. Nothing is ever null. What nobody
 * knows counts so that a key looks young and used: a key made at an unknown time was made now, a key that was never
 * used was last used when it was made, a key that never expires does so at the end of 9999.
 */
export const variables: { readonly [name: string]: Variable } = {
  id: { type: "string", valueOf: ({ key }) => key.id },
  name: { type: "string", valueOf: ({ key }) => key.name },
  state: { type: "string", valueOf: ({ key }) => key.state },
  findings: { type: "list<string>", valueOf: ({ key }) => key.findings },
  owner: { type: "string", valueOf: ({ owner }) => owner ?? "" },
  allocated: { type: "double", valueOf: ({ key }) => toCredits(key.allocated) },
  used: { type: "double", valueOf: ({ key }) => toCredits(key.used) },
  remaining: { type: "double", valueOf: ({ key }) => toCredits(key.remaining) },
  models: { type: "list<string>", valueOf: ({ key }) => key.models },
  addresses: { type: "list<string>", valueOf: ({ key }) => key.addresses },
  unused: { type: "bool", valueOf: ({ key }) => key.lastUsedAt === null },
  expires: { type: "bool", valueOf: ({ key }) => key.expiresAt !== null },
  expired: { type: "bool", valueOf: ({ key }) => key.findings.includes("expired") },
  unrestricted: { type: "bool", valueOf: ({ key }) => isUnrestricted(key) },
  now: { type: "timestamp", valueOf: ({ at }) => at },
  createdAt: { type: "timestamp", valueOf: ({ key, at }) => key.createdAt ?? at },
  lastUsedAt: { type: "timestamp", valueOf: ({ key, at }) => quietSince(key) ?? at },
  expiresAt: { type: "timestamp", valueOf: ({ key }) => key.expiresAt ?? endOfTime },
  age: { type: "duration", valueOf: ({ key, at }) => since(key.createdAt, at) },
  idle: { type: "duration", valueOf: ({ key, at }) => since(quietSince(key), at) }
}

const endOfTime = DateTime.unsafeMake("9999-12-31T23:59:59Z")

const since = (time: DateTime.Utc | null, at: DateTime.Utc): Duration.Duration =>
  Duration.millis(time === null ? 0 : DateTime.toEpochMillis(at) - DateTime.toEpochMillis(time))

/** Since when a key is idle: its last use, or its making if it was never used; `null`: neither is known. */
export const quietSince = (key: InventoryKey): DateTime.Utc | null => key.lastUsedAt ?? key.createdAt

/** Every model, from every address. */
export const isUnrestricted = (key: InventoryKey): boolean => key.models.length === 0 && key.addresses.length === 0
