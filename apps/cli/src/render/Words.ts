import { DateTime } from "effect"
import { type Credit, toCredits } from "@keysweep/core/Credit"

/** Credits as people write them: at most two decimals, thousands apart, never "-0". */
export const credits = (amount: Credit): string => {
  const value = toCredits(amount)
  const small = value !== 0 && Math.abs(value) < 0.005
  return small ? "<0.01" : grouped(value.toFixed(value % 1 === 0 ? 0 : 2))
}

/** Thousands apart. By hand: the first `toLocaleString` loads so much that it takes a twentieth of `keysweep list`. */
const grouped = (digits: string): string => {
  const [whole = "", ...fraction] = digits.split(".")
  return [whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ","), ...fraction].join(".")
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** "3 d ago", "in 5 h", "just now": how far a time is from another, in its largest whole unit. */
export const relative = (time: DateTime.Utc, now: DateTime.Utc): string => {
  const millis = time.epochMillis - now.epochMillis
  const text = span(Math.abs(millis))
  if (text === undefined) return millis > 0 ? "in a moment" : "just now"
  return millis > 0 ? `in ${text}` : `${text} ago`
}

const span = (millis: number): string | undefined => {
  if (millis < minute) return undefined
  if (millis < hour) return `${Math.floor(millis / minute)} min`
  if (millis < 2 * day) return `${Math.floor(millis / hour)} h`
  if (millis < 730 * day) return `${Math.floor(millis / day)} d`
  return `${Math.floor(millis / (365 * day))} y`
}

/** A duration for somebody who waits: "8 s", "2 min 5 s", "1 h 20 min", "7 d". Rounded up to whole seconds. */
export const duration = (millis: number): string => {
  const seconds = Math.max(0, Math.ceil(millis / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return joined(Math.floor(seconds / 60), "min", seconds % 60, "s")
  if (millis >= 2 * day) return joined(Math.floor(seconds / 86_400), "d", Math.floor((seconds % 86_400) / 3600), "h")
  return joined(Math.floor(seconds / 3600), "h", Math.floor((seconds % 3600) / 60), "min")
}

const joined = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`

/** "1 key", "2 keys". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(String(count))} ${count === 1 ? one : many}`

/** A list as a sentence has it: "a", "a and b", "a, b and c". */
export const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`
