import type { AccountRefused } from "@keysweep/core/Account"
import type { ApiError } from "@keysweep/core/ApiError"
import type { JournalError } from "@keysweep/core/Journal"
import type { PacerError } from "@keysweep/core/Pacer"
import type { BackupUnavailable } from "@keysweep/audit/Backup"
import type { LeaseHeld } from "@keysweep/audit/Lease"
import type { LogUnavailable } from "@keysweep/audit/LogStore"
import type { DatabaseUnavailable } from "@keysweep/audit/store/PgTrouble"
import type { ApprovalRefused } from "./Approval.ts"
import type { Outcome } from "./Outcome.ts"
import type {
  ConfirmationRefused,
  GateBlocked,
  InventoryPartial,
  KeysRefused,
  PlanStale,
  PlanUnreadable
} from "./PlanError.ts"
import type { Stop } from "./Proof.ts"
import type { ReasonMissing } from "./Reason.ts"
import type { ReplaceRefused } from "./replace/ReplaceRefused.ts"
import type { ResumeRefused } from "./Resume.ts"
import type { UndoRefused } from "./Undo.ts"
import type { SettingsRefused } from "./Settings.ts"
import type { SelectionRefused } from "./Selection.ts"

/**
 * Everything that can keep Keysweep from acting. Each of these means that nothing was changed: once a run has begun to
 * write, it ends in a receipt, never in an error.
 */
export type SweepError =
  | AccountRefused
  | SettingsRefused
  | ApiError
  | PacerError
  | JournalError
  | LogUnavailable
  | BackupUnavailable
  | DatabaseUnavailable
  | LeaseHeld
  | SelectionRefused
  | InventoryPartial
  | KeysRefused
  | PlanStale
  | PlanUnreadable
  | ConfirmationRefused
  | ReasonMissing
  | GateBlocked
  | ApprovalRefused
  | ResumeRefused
  | ReplaceRefused
  | UndoRefused

export const outcomeOfError = (error: SweepError): Outcome => {
  switch (error._tag) {
    case "AccountRefused":
    case "SettingsRefused":
    case "SelectionRefused":
    case "KeysRefused":
    case "PlanUnreadable":
    case "ConfirmationRefused":
    case "ReasonMissing":
    case "ResumeRefused":
    case "ReplaceRefused":
    case "UndoRefused":
      return "refused"
    case "Unauthorized":
    case "Forbidden":
      return "credentials"
    case "RateLimited":
    case "DeadlineReached":
    case "LeaseHeld":
      return "limit"
    case "LogUnavailable":
    case "BackupUnavailable":
    case "DatabaseUnavailable":
    case "JournalUnavailable":
    case "PacerStoreUnavailable":
      return "records"
    case "PlanStale":
      return "stale"
    case "RunStopped":
      return error.by === "panic" ? "limit" : "blocked"
    case "ApprovalRefused":
    case "GateBlocked":
      return "blocked"
    case "InventoryPartial":
      return "partial"
    case "KeyNotFound":
    case "RouteMissing":
    case "InvalidRequest":
    case "ApiUnavailable":
    case "UnexpectedResponse":
      return "failed"
  }
}

export const stopOf = (error: SweepError): Stop => ({ outcome: outcomeOfError(error), detail: error.message })
