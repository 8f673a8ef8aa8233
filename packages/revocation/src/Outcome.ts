import { Schema } from "effect"

/** How anything that Keysweep does ends: one list for every surface. */
export const Outcome = Schema.Literal(
  "done",
  "nothing",
  "partial",
  "failed",
  "unverified",
  "refused",
  "blocked",
  "stale",
  "credentials",
  "limit",
  "records",
  "findings",
  "interrupted"
)
export type Outcome = typeof Outcome.Type

/** The exit code of a process that ends with this outcome. */
export const exitCodeOf = (outcome: Outcome): number => {
  switch (outcome) {
    case "done":
    case "nothing":
      return 0
    case "partial":
    case "failed":
    case "unverified":
      return 1
    case "refused":
      return 2
    case "blocked":
      return 3
    case "stale":
      return 4
    case "credentials":
      return 5
    case "limit":
      return 6
    case "records":
      return 7
    case "findings":
      return 8
    case "interrupted":
      return 130
  }
}

/** How one planned key ended. `done` is proven by a fresh inventory; without one it is `unverified`. */
export const KeyOutcome = Schema.Literal("done", "already-gone", "skipped", "blocked", "failed", "unverified")
export type KeyOutcome = typeof KeyOutcome.Type
