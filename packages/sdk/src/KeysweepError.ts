import type { Outcome } from "./Documents.ts"

/** What kept Keysweep from acting. One code per reaction; several codes share an outcome. */
export type ErrorCode =
  /** Options, request or plan are not of the documented shape. */
  | "InvalidInput"
  /** The API key or the base URL cannot be used. Found before any request. */
  | "AccountRefused"
  | "SettingsRefused"
  | "SelectionRefused"
  | "InventoryPartial"
  | "KeysRefused"
  | "PlanStale"
  | "PlanUnreadable"
  | "ConfirmationRefused"
  /** A plan says why: the reason was left out, or is blank. */
  | "ReasonMissing"
  | "GateBlocked"
  | "ApprovalRefused"
  | "Unauthorized"
  | "Forbidden"
  | "KeyNotFound"
  | "RouteMissing"
  | "InvalidRequest"
  | "RateLimited"
  | "ApiUnavailable"
  | "UnexpectedResponse"
  | "DeadlineReached"
  | "LeaseHeld"
  | "LogUnavailable"
  | "BackupUnavailable"
  /** The database that the environment or the settings name cannot be used. */
  | "DatabaseUnavailable"
  | "JournalUnavailable"
  | "PacerStoreUnavailable"
  | "RunStopped"
  | "ReplaceRefused"
  | "ResumeRefused"
  | "UndoRefused"
  /** The signal was aborted, or the instance was closed during the call. What a run had done by then is in the log. */
  | "Interrupted"
  | "Closed"
  /** A fault of Keysweep itself. */
  | "Fault"

export interface ErrorFacts {
  readonly code: ErrorCode
  readonly outcome: Exclude<Outcome, "done" | "nothing">
  readonly message: string
  /** `PlanStale`: what differs from the plan, by key. */
  readonly drift?: ReadonlyArray<{
    readonly id: string
    readonly name: string
    readonly changes: ReadonlyArray<string>
  }>
  /** `SelectionRefused`: keys that may have been meant. */
  readonly candidates?: ReadonlyArray<{ readonly id: string; readonly name: string }>
  /** `KeysRefused`: why, for each key. */
  readonly refused?: ReadonlyArray<{ readonly id: string; readonly name: string; readonly reason: string }>
  /** `GateBlocked`: every check that blocks, and what would lift it. */
  readonly blocks?: ReadonlyArray<{ readonly check: string; readonly detail: string; readonly lift: string | null }>
  /** `RateLimited`, `DeadlineReached`: how long to wait before the next attempt can work, in milliseconds. */
  readonly waitMillis?: number
}

/**
 * The only error that a call of this package rejects with. Except for `Interrupted` it means that nothing was changed:
 * a run that has begun to write resolves with a receipt. Holds no secret and no cause.
 */
export class KeysweepError extends Error {
  override readonly name = "KeysweepError"
  readonly code: ErrorCode
  readonly outcome: ErrorFacts["outcome"]
  readonly drift: NonNullable<ErrorFacts["drift"]>
  readonly candidates: NonNullable<ErrorFacts["candidates"]>
  readonly refused: NonNullable<ErrorFacts["refused"]>
  readonly blocks: NonNullable<ErrorFacts["blocks"]>
  readonly waitMillis: number | null

  constructor(facts: ErrorFacts) {
    super(facts.message)
    this.code = facts.code
    this.outcome = facts.outcome
    this.drift = facts.drift ?? []
    this.candidates = facts.candidates ?? []
    this.refused = facts.refused ?? []
    this.blocks = facts.blocks ?? []
    this.waitMillis = facts.waitMillis ?? null
  }
}
