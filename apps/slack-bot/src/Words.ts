import { type Credit, toCredits } from "@keysweep/core/Credit"
import { DateTime } from "effect"

/** "1 key", "2 keys". */
export const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`

/** Credits with at most two decimals. */
export const credits = (amount: Credit): string => {
  const value = toCredits(amount)
  return value !== 0 && Math.abs(value) < 0.005
    ? "<0.01"
    : value.toLocaleString("en-US", { minimumFractionDigits: value % 1 === 0 ? 0 : 2, maximumFractionDigits: 2 })
}

/** "2026-11-21 14:03 UTC": the same for everybody who reads the channel. */
export const moment = (time: DateTime.Utc): string => `${DateTime.formatIso(time).slice(0, 16).replace("T", " ")} UTC`

/** "8 s", "2 min 5 s", rounded up. */
export const duration = (millis: number): string => {
  const seconds = Math.max(0, Math.ceil(millis / 1000))
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
  if (minutes === 0) return `${seconds} s`
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}
