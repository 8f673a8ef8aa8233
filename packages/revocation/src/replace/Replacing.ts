import type { ValuesPlanned } from "@keysweep/audit/Event"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import type { AccountId } from "@keysweep/core/Account"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import type { DateTime } from "effect"
import type { Reading } from "../Inventory.ts"
import type { Receipt } from "../Receipt.ts"
import type { ReplaceAction } from "./Values.ts"

/** A run that makes keys, new or resumed, from its first create to its receipt. */
export interface Replacing {
  readonly run: RunId
  /** The plan's hash. */
  readonly plan: string
  readonly account: AccountId
  readonly action: ReplaceAction
  readonly reason: string | null
  readonly values: typeof ValuesPlanned.Type
  /** The old keys as they were planned, in the order of the plan. */
  readonly olds: ReadonlyArray<ProxyKey>
  readonly skipped: Receipt["skipped"]
  readonly backup: string
  readonly startedAt: DateTime.Utc
  /** The last record of the log that the run was permitted on. */
  readonly permittedAt: number
  /** Of after the lease was ours. */
  readonly reading: Reading
  readonly records: ReadonlyArray<LogRecord>
}
