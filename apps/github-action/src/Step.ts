import type { Outcome } from "@keysweep/revocation/Outcome"
import type { Effect } from "effect"
import type { Inputs } from "./Inputs.ts"
import type { Failure } from "./Report.ts"
import type { Records } from "./Records.ts"
import type { Annotation, Runner } from "./Runner.ts"
import type { SweepServices } from "./SweepLayer.ts"
import type { Workflow } from "./Workflow.ts"

/** What a command has at hand. */
export interface Step {
  readonly inputs: Inputs
  readonly home: string
  readonly place: Workflow
  /** Whether names of keys may be shown. */
  readonly names: boolean
}

/** What a command gives: the outputs of `action.yml`, one line for the log, a page for the run. */
export interface Result {
  readonly outcome: Outcome
  readonly counts: { readonly [what: string]: number }
  readonly line: string
  readonly summary: string
  /** What is said beside lines of the checkout, most important first. */
  readonly annotations?: ReadonlyArray<Annotation>
  readonly planPath?: string
  readonly planHash?: string
  readonly receiptPath?: string
  readonly backupPath?: string
  readonly sarifPath?: string
  readonly anchor?: string
  /** GitHub logins of those who approved the run. */
  readonly approvers?: ReadonlyArray<string>
}

export type Command = (step: Step) => Effect.Effect<Result, Failure, SweepServices | Records | Runner>
