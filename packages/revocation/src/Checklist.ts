import { Schema } from "effect"
import { placesOf, type Stored, treesOf } from "./scan/ScanMemory.ts"

/**
 * The steps that the vendor's own pages ask for before keys are deleted (docs.electronhub.ai, `proxy-delete-all`), and
 * what is known of each. `unknown`: nobody told us, and no reading shows it.
 */
export const ChecklistItem = Schema.Struct({
  step: Schema.Literal("audit", "update applications", "back up", "notify", "check dependencies", "document"),
  status: Schema.Literal("done", "unknown", "not done"),
  detail: Schema.String
})
export type ChecklistItem = typeof ChecklistItem.Type

interface ChecklistFacts {
  readonly recentlyUsed: number
  /** Where each planned key is written down. */
  readonly stored: ReadonlyArray<Stored>
  /** The time that `recentlyUsed` is about: "the last 1d". */
  readonly within: string
  readonly reason: string | null
  /** Whether the settings name somebody to tell before this. */
  readonly notified: boolean
}

export const checklistOf = (facts: ChecklistFacts): ReadonlyArray<ChecklistItem> => [
  { step: "audit", status: "done", detail: "every key of the account was read for this plan" },
  updateApplications(facts),
  {
    step: "back up",
    status: "unknown",
    detail: "taken, read back and checked before the first write, or nothing is written"
  },
  facts.notified
    ? { step: "notify", status: "unknown", detail: "sent before the first write" }
    : { step: "notify", status: "not done", detail: "the settings name nobody to notify" },
  checkDependencies(facts),
  facts.reason === null
    ? { step: "document", status: "not done", detail: "no reason was given" }
    : { step: "document", status: "done", detail: "the reason goes into the log" }
]

const updateApplications = ({ recentlyUsed, stored, within }: ChecklistFacts): ChecklistItem => {
  const step = "update applications"
  const found = stored.filter((it) => placesOf(it) > 0).length
  if (found > 0) return { step, status: "not done", detail: `${planned(found, "is", "are")} still written down` }
  if (recentlyUsed > 0) return { step, status: "not done", detail: usedText(recentlyUsed, within) }
  return stored.includes("unknown")
    ? { step, status: "unknown", detail: "no scan shows which applications still hold these keys" }
    : { step, status: "done", detail: `no planned key is written down in ${treesOf(stored)}` }
}

const checkDependencies = ({ recentlyUsed, stored, within }: ChecklistFacts): ChecklistItem => {
  const step = "check dependencies"
  if (recentlyUsed > 0) return { step, status: "not done", detail: usedText(recentlyUsed, within) }
  const unused = `no planned key was used in ${within}`
  return stored.includes("unknown")
    ? { step, status: "unknown", detail: `${unused}; whether one is stored somewhere is not known` }
    : { step, status: "done", detail: `${unused}; each was looked for in ${treesOf(stored)}` }
}

const usedText = (count: number, within: string): string => `${planned(count, "was", "were")} used in ${within}`

const planned = (count: number, one: string, many: string): string =>
  `${count} planned ${count === 1 ? `key ${one}` : `keys ${many}`}`
