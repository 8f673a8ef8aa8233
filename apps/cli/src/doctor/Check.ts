import type { Outcome } from "@keysweep/revocation/Outcome"

/** What was looked at, what was found, and what would mend it. */
export interface Check {
  readonly check: string
  readonly result: "ok" | "warn" | "fail"
  readonly detail: string
  readonly next: string | null
}

/** A check that fails decides how the command ends. */
export interface Judged extends Check {
  readonly outcome: Outcome
}

export const ok = (check: string, detail: string): Judged => ({
  check,
  result: "ok",
  detail,
  next: null,
  outcome: "done"
})

export const warn = (check: string, detail: string, next: string): Judged => ({
  check,
  result: "warn",
  detail,
  next,
  outcome: "done"
})

export const fail = (check: string, detail: string, next: string | null, outcome: Outcome): Judged => ({
  check,
  result: "fail",
  detail,
  next,
  outcome
})
