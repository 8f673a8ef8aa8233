import type { Outcome } from "@keysweep/revocation/Outcome"
import type { Sweep } from "@keysweep/revocation/Sweep"
import type { Effect } from "effect"
import type { Inputs } from "./Inputs.ts"
import type { Failure } from "./Report.ts"

/** What a command has at hand. */
export interface Step {
  readonly inputs: Inputs
  readonly sweep: typeof Sweep.Service
  readonly home: string
  /** Whether names of keys may be shown. */
  readonly names: boolean
}

/** What a command gives: the outputs of `action.yml`, one line for the log, a page for the run. */
export interface Result {
  readonly outcome: Outcome
  readonly counts: { readonly [what: string]: number }
  readonly line: string
  readonly summary: string
  readonly planPath?: string
  readonly planHash?: string
  readonly backupPath?: string | undefined
  readonly anchor?: string
}

export type Command = (step: Step) => Effect.Effect<Result, Failure>
