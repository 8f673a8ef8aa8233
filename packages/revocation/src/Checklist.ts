import { Schema } from "effect"

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

export const checklistOf = (facts: {
  readonly recentlyUsed: number
  /** The time that `recentlyUsed` is about: "the last 1d". */
  readonly within: string
  readonly reason: string | null
  /** Whether the settings name somebody to tell before this. */
  readonly notified: boolean
}): ReadonlyArray<ChecklistItem> => [
  { step: "audit", status: "done", detail: "every key of the account was read for this plan" },
  {
    step: "update applications",
    status: "unknown",
    detail: "no reading shows which applications still hold these keys"
  },
  {
    step: "back up",
    status: "unknown",
    detail: "taken, read back and checked before the first write, or nothing is written"
  },
  facts.notified
    ? { step: "notify", status: "unknown", detail: "sent before the first write" }
    : { step: "notify", status: "not done", detail: "the settings name nobody to notify" },
  {
    step: "check dependencies",
    status: facts.recentlyUsed === 0 ? "unknown" : "not done",
    detail:
      facts.recentlyUsed === 0
        ? `no planned key was used in ${facts.within}; whether one is stored somewhere is not known`
        : `${facts.recentlyUsed} planned ${facts.recentlyUsed === 1 ? "key was" : "keys were"} used in ${facts.within}`
  },
  facts.reason === null
    ? { step: "document", status: "not done", detail: "no reason was given" }
    : { step: "document", status: "done", detail: "the reason goes into the log" }
]
