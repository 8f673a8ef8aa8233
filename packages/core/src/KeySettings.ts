import { DateTime, Schema } from "effect"
import { Credit } from "./Credit.ts"
import type { ProxyKey } from "./ProxyKey.ts"
import { withoutSecrets } from "./SafeText.ts"

/**
 * The window in which an allocation may be spent. The upstream never shows it, so who changes a key must know it.
 * Source: `proxy-update` (since 2026-05-23).
 */
export const LimitType = Schema.Literal("daily", "weekly", "monthly")
export type LimitType = typeof LimitType.Type

/**
 * Everything that a new key is made with. Both allow-lists are required, because one that is left out allows
 * everything. The upstream refuses a name of more than 25 characters, an allocation that is not positive or above the
 * account's cap, an expiry that is not in the future, and what is no IP address or CIDR range (`InvalidRequest`).
 */
export const NewKey = Schema.Struct({
  name: Schema.String,
  /** `null`: never. Whole seconds: the rest is cut off. */
  expiresAt: Schema.NullOr(Schema.DateTimeUtc),
  allocated: Credit,
  /** Empty: every model. */
  models: Schema.Array(Schema.String),
  /** IP addresses or CIDR ranges; empty: every address. */
  addresses: Schema.Array(Schema.String)
})
export type NewKey = typeof NewKey.Type

/** Everything that an update replaces. */
export interface KeySettings extends NewKey {
  /** `unstated`: not sent, and then the upstream takes `daily`, whatever the key had before. */
  readonly limitType: LimitType | "unstated"
}

/** Everything that an update replaces but the name, which stays: what a key is to have, as plan and log say it. */
export const NewSettings = Schema.Struct({ ...NewKey.omit("name").fields, limitType: LimitType })
export type NewSettings = typeof NewSettings.Type

/** Whether a key has such settings, as far as a reading shows them: the limit type it does not show. */
export const hasSettings = (key: Omit<NewSettings, "limitType">, wanted: Omit<NewSettings, "limitType">): boolean =>
  wholeSeconds(key.expiresAt) === wholeSeconds(wanted.expiresAt) &&
  key.allocated === wanted.allocated &&
  sameList(key.models, wanted.models) &&
  sameList(key.addresses, wanted.addresses)

/** Whether a key is what a create with these settings makes: unused, active, and nothing else about it. */
export const isMadeFrom = (key: ProxyKey, wanted: NewKey): boolean =>
  key.active && key.used === 0 && key.name === withoutSecrets(wanted.name) && hasSettings(key, wanted)

/** Unix seconds, as far as the upstream can say a time; `null` stays. */
export const wholeSeconds = (at: DateTime.Utc | null): number | null =>
  at === null ? null : Math.floor(DateTime.toEpochMillis(at) / 1000)

export const sameList = (some: ReadonlyArray<string>, others: ReadonlyArray<string>): boolean =>
  JSON.stringify([...some].sort()) === JSON.stringify([...others].sort())
