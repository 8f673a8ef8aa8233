import { isExpired, type ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Schema } from "effect"

/** What is remarkable about a key: an audit lists these; none of them is a verdict. */
export const Finding = Schema.Literal(
  "any-model",
  "any-address",
  "no-expiry",
  "expired",
  "expiring-soon",
  "exhausted",
  "never-used",
  "idle",
  "same-name"
)
export type Finding = typeof Finding.Type

/** A key unused for so many days is idle; one that ends within so many days expires soon. */
const idleDays = 30
const soonDays = 7

export const findingsOf = (key: ProxyKey, all: ReadonlyArray<ProxyKey>, now: DateTime.Utc): ReadonlyArray<Finding> => {
  const expired = isExpired(key, now)
  const checks: ReadonlyArray<readonly [Finding, boolean]> = [
    ["any-model", key.models.length === 0],
    ["any-address", key.addresses.length === 0],
    ["no-expiry", key.expiresAt === null],
    ["expired", expired],
    ["expiring-soon", !expired && key.expiresAt !== null && daysBetween(now, key.expiresAt) <= soonDays],
    ["exhausted", key.remaining === 0],
    ["never-used", key.lastUsedAt === null],
    ["idle", key.lastUsedAt !== null && daysBetween(key.lastUsedAt, now) >= idleDays],
    ["same-name", all.some((other) => other.id !== key.id && other.name === key.name)]
  ]
  return checks.flatMap(([finding, holds]) => (holds ? [finding] : []))
}

const daysBetween = (from: DateTime.Utc, to: DateTime.Utc): number =>
  (DateTime.toEpochMillis(to) - DateTime.toEpochMillis(from)) / 86_400_000
