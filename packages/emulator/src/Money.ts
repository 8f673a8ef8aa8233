import { DateTime } from "effect"
import type { LimitType, StoredAccount, StoredKey } from "./AccountState.ts"
import type { Settled } from "./Switches.ts"

/** Credits to the millionth, so that sums of decimals stay what a person would write down. */
export const credits = (amount: number): number => Math.round(amount * 1_000_000) / 1_000_000

export const unused = (key: StoredKey): number => credits(Math.max(0, key.allocated_ammount - key.used_ammount))

/** Takes an allocation from the balance where money is transferred; says whether the balance was enough. */
export const allocate = (account: StoredAccount, amount: number, switches: Settled): boolean => {
  if (switches.money === "cap") return true
  if (account.balance < amount) return false
  account.balance = credits(account.balance - amount)
  return true
}

/**
 * Raising an allocation deducts the difference; lowering returns what is unused above the new one.
 * Source: api-reference/proxy-update.
 */
export const reallocate = (account: StoredAccount, key: StoredKey, to: number, switches: Settled): boolean => {
  const kept = Math.max(to, key.used_ammount)
  const before = Math.max(key.allocated_ammount, key.used_ammount)
  if (kept >= before) return allocate(account, credits(kept - before), switches)
  giveBack(account, credits(before - kept), switches)
  return true
}

/** Unused allocation goes back to the balance on delete and delete-all. */
export const giveBack = (account: StoredAccount, amount: number, switches: Settled): void => {
  if (switches.money === "transfer") account.balance = credits(account.balance + amount)
}

/** Charges a successful model call to a proxy key; the allocation was paid for already where money is transferred. */
export const charge = (account: StoredAccount, key: StoredKey, price: number, switches: Settled): void => {
  key.used_ammount = credits(key.used_ammount + price)
  if (switches.money === "cap") account.balance = credits(account.balance - price)
}

/**
 * Sets `used_ammount` back where the spend window of the key has turned. Every edge is a guess: the documents name the
 * three windows and 21:00 UTC for other counters of the platform, no more.
 */
export const turnWindow = (key: StoredKey, nowSeconds: number, switches: Settled): void => {
  if (switches.windowReset === "never") return
  const edge =
    switches.windowReset === "fixed"
      ? lastFixedEdge(key.limit_type, nowSeconds)
      : lastRollingEdge(key.limit_type, key.window_started_at, nowSeconds)
  if (edge <= key.window_started_at) return
  key.window_started_at = edge
  key.used_ammount = 0
}

const day = 86_400
const days = { daily: 1, weekly: 7, monthly: 30 }

const lastRollingEdge = (type: LimitType, start: number, now: number): number => {
  const period = days[type] * day
  return start + Math.max(0, Math.floor((now - start) / period)) * period
}

/** 21:00 UTC: every day, on Sundays, on the first of the month. */
const lastFixedEdge = (type: LimitType, now: number): number => {
  const shift = 21 * 3600
  const today = Math.floor((now - shift) / day)
  if (type === "daily") return today * day + shift
  // Day 0 of the Unix calendar was a Thursday: day 3 was a Sunday.
  if (type === "weekly") return (today - ((((today - 3) % 7) + 7) % 7)) * day + shift
  const first = DateTime.startOf(DateTime.unsafeMake(today * day * 1000), "month")
  return DateTime.toEpochMillis(first) / 1000 + shift
}
