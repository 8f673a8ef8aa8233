import { toCredits } from "@keysweep/core/Credit"
import { isExpired, type KeyId, type ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Schema } from "effect"
import type { InventoryKey } from "./Inventory.ts"

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
  "over-allocated",
  "same-name",
  "unknown-owner"
)
export type Finding = typeof Finding.Type

/** How much a finding matters, in the words of SARIF. */
export const Severity = Schema.Literal("note", "warning", "error")
export type Severity = typeof Severity.Type

/** Whose a key is, in one word; `null`: nobody is known. */
export type OwnerOf = (key: { readonly id: KeyId; readonly name: string }) => string | null

/** A key unused for so many days is idle; one that ends within so many days expires soon. */
export const idleDays = 30
export const soonDays = 7

/** A key this old that has spent less than this share of its allocation has far more than it uses. */
const judgedAfterDays = 30
const spentShare = 0.1

/**
 * Finds what is remarkable about each of an account's keys. Without `ownerOf` nobody has said who owns what, and
 * `unknown-owner` is not found.
 */
export const findingsAmong = (
  all: ReadonlyArray<ProxyKey>,
  now: DateTime.Utc,
  ownerOf?: OwnerOf
): ((key: ProxyKey) => ReadonlyArray<Finding>) => {
  const bearers = new Map<string, number>()
  for (const { name } of all) bearers.set(name, (bearers.get(name) ?? 0) + 1)

  return (key) => {
    const expired = isExpired(key, now)
    const checks: { readonly [finding in Finding]: boolean } = {
      "any-model": key.models.length === 0,
      "any-address": key.addresses.length === 0,
      "no-expiry": key.expiresAt === null,
      expired,
      "expiring-soon": !expired && key.expiresAt !== null && daysBetween(now, key.expiresAt) <= soonDays,
      exhausted: key.remaining === 0,
      "never-used": key.lastUsedAt === null,
      idle: key.lastUsedAt !== null && daysBetween(key.lastUsedAt, now) >= idleDays,
      "over-allocated": isOverAllocated(key, now),
      "same-name": (bearers.get(key.name) ?? 0) > 1,
      "unknown-owner": ownerOf !== undefined && ownerOf(key) === null
    }
    return Finding.literals.filter((finding) => checks[finding])
  }
}

/** A key that was never used is left out: that it was never used says more. */
const isOverAllocated = (key: ProxyKey, now: DateTime.Utc): boolean =>
  key.lastUsedAt !== null &&
  key.createdAt !== null &&
  daysBetween(key.createdAt, now) >= judgedAfterDays &&
  key.used < key.allocated * spentShare

/** How much a finding matters where nothing else is known of the key; {@link severityOf} knows more. */
export const usualSeverity: { readonly [finding in Finding]: Severity } = {
  "any-model": "warning",
  "any-address": "warning",
  "no-expiry": "warning",
  expired: "note",
  "expiring-soon": "warning",
  exhausted: "warning",
  "never-used": "note",
  idle: "warning",
  "over-allocated": "warning",
  "same-name": "warning",
  "unknown-owner": "warning"
}

/**
 * How much a finding matters on this key. What makes a leak worse is an `error` where all of it comes together on a key
 * that works: any model, any address, no end. On a key that does not work everything but a doubtful name or owner is a
 * `note`.
 */
export const severityOf = (finding: Finding, key: InventoryKey): Severity => {
  switch (finding) {
    case "any-model":
    case "any-address":
    case "no-expiry":
      if (key.state !== "active") return "note"
      return limits.every((it) => key.findings.includes(it)) ? "error" : usualSeverity[finding]
    case "exhausted":
      return key.state === "exhausted" ? usualSeverity[finding] : "note"
    case "expiring-soon":
    case "idle":
    case "over-allocated":
      return key.state === "active" ? usualSeverity[finding] : "note"
    case "expired":
    case "never-used":
    case "same-name":
    case "unknown-owner":
      return usualSeverity[finding]
  }
}

const limits: ReadonlyArray<Finding> = ["any-model", "any-address", "no-expiry"]

/** What a finding is about, whatever the key: one sentence for a list of rules. */
export const findingTitle: { readonly [finding in Finding]: string } = {
  "any-model": "The key may be used with every model",
  "any-address": "The key may be used from every address",
  "no-expiry": "The key never expires",
  expired: "The key has expired",
  "expiring-soon": `The key expires within ${soonDays} days`,
  exhausted: "The key has spent its allocation",
  "never-used": "The key was never used",
  idle: `The key was not used for ${idleDays} days`,
  "over-allocated": `The key is ${judgedAfterDays} days old or older and has spent less than ${spentShare * 100} % of its allocation`,
  "same-name": "Another key has the same name",
  "unknown-owner": "Nobody is known to own the key"
}

/** One finding of one key in one line, with its numbers. Names of keys do not occur in it. */
export const explain = (finding: Finding, key: InventoryKey, at: DateTime.Utc): string => {
  switch (finding) {
    case "any-model":
      return "may be used with every model: a leak can spend on the dearest"
    case "any-address":
      return "may be used from every address: a leak can be used from anywhere"
    case "no-expiry":
      return "never expires"
    case "expired":
      return `expired ${ago(key.expiresAt, at)}`
    case "expiring-soon":
      return `expires in ${key.expiresAt === null ? "?" : days(at, key.expiresAt)}`
    case "exhausted":
      return `has spent its ${toCredits(key.allocated)} credits`
    case "never-used":
      return key.createdAt === null ? "was never used" : `was never used since it was made ${ago(key.createdAt, at)}`
    case "idle":
      return `was last used ${ago(key.lastUsedAt, at)}`
    case "over-allocated":
      return `has spent ${toCredits(key.used)} of ${toCredits(key.allocated)} credits since it was made ${ago(key.createdAt, at)}`
    case "same-name":
      return "has a name that another key has too"
    case "unknown-owner":
      return "has no known owner"
  }
}

const ago = (time: DateTime.Utc | null, at: DateTime.Utc): string => (time === null ? "once" : `${days(time, at)} ago`)

const days = (from: DateTime.Utc, to: DateTime.Utc): string => {
  const count = Math.max(0, Math.floor(daysBetween(from, to)))
  return count === 0 ? "less than a day" : count === 1 ? "1 day" : `${count} days`
}

const daysBetween = (from: DateTime.Utc, to: DateTime.Utc): number =>
  (DateTime.toEpochMillis(to) - DateTime.toEpochMillis(from)) / 86_400_000
