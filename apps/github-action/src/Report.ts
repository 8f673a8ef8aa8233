import type { Outcome } from "@keysweep/revocation/Outcome"
import { outcomeOfError, type SweepError } from "@keysweep/revocation/SweepError"
import type { ScanFailed } from "@keysweep/revocation/scan/Scan"
import type { ActionError } from "./ActionError.ts"

export type Failure = SweepError | ScanFailed | ActionError

/** How a step ended, in words that show no name of a key unless they may be shown. */
export interface Report {
  readonly outcome: Outcome
  /** One annotation each. */
  readonly annotations: ReadonlyArray<{ readonly title: string; readonly text: string }>
  /** For the summary. */
  readonly details: ReadonlyArray<string>
}

export const reportOf = (error: Failure, showsNames: boolean): Report => {
  switch (error._tag) {
    case "InputsRefused":
      return {
        outcome: "refused",
        annotations: error.mistakes.map(({ detail, input }) => ({ title: `Input ${input}`, text: detail })),
        details: error.mistakes.map(({ detail, input }) => `${input}: ${detail}`)
      }
    case "PlaceRefused":
    case "FileRefused":
      return one("refused", error.message)
    case "RecordsRefused":
      return one("records", error.message)
    case "ScanFailed":
      return one("failed", error.message)
    case "GateBlocked":
      // What blocks may be said with the names of the keys that it is about.
      return one(
        "blocked",
        showsNames ? error.message : `Blocked by: ${error.blocks.map(({ check }) => check).join(", ")}`
      )
    case "ReplaceRefused":
      return one("refused", showsNames ? error.message : (error.unnamed ?? error.message))
    case "PlanStale":
      return one(
        "stale",
        error.message,
        showsNames
          ? error.drift.map(({ changes, id, name }) => `${name} (${id}): ${changes.join("; ")}`)
          : error.drift.map(({ id }) => id)
      )
    case "SelectionRefused":
      // With candidates it quotes the name that was asked for, which may be that of several.
      return one(
        "refused",
        showsNames || error.candidates.length === 0
          ? error.message
          : "A name or id of keys answers to no key, or to several.",
        error.candidates.map(({ id, name }) => (showsNames ? `perhaps ${name} (${id})` : `perhaps ${id}`))
      )
    case "KeysRefused":
      return one(
        "refused",
        error.message,
        error.keys.map(({ id, name, reason }) => (showsNames ? `${name} (${id}): ${reason}` : id))
      )
    default:
      return one(outcomeOfError(error), error.message)
  }
}

export const interrupted: Report = {
  outcome: "interrupted",
  annotations: [{ title: "Keysweep: interrupted", text: "Interrupted; what the run had done by then is in the log." }],
  details: []
}

/** Nothing of a defect is shown but that it happened: it may hold anything. */
export const fault: Report = {
  outcome: "failed",
  annotations: [
    { title: "Keysweep: failed", text: "A fault in Keysweep itself; what was done by then is in the log." }
  ],
  details: []
}

const one = (outcome: Outcome, text: string, details: ReadonlyArray<string> = []): Report => ({
  outcome,
  annotations: [{ title: `Keysweep: ${outcome}`, text }],
  details
})
