import { AccountId } from "@keysweep/core/Account"
import { Credit } from "@keysweep/core/Credit"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"
import { Action } from "./Action.ts"
import { KeyOutcome, Outcome } from "./Outcome.ts"

/** What a run did, proven or not. Money in credits, times RFC 3339 UTC; never a secret. */
export const Receipt = Schema.Struct({
  schema: Schema.Literal("keysweep.receipt/1"),
  run: Schema.String,
  plan: Schema.String,
  account: AccountId,
  action: Action,
  outcome: Outcome,
  /** Why the run ended before its last key; `null` when it did not. */
  stopped: Schema.NullOr(Schema.String),
  keys: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, outcome: KeyOutcome, detail: Schema.String })),
  skipped: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String })),
  creditExpected: Credit,
  /** By how much the credit that keys hold fell between the readings before and after; `null` without the latter. */
  creditObserved: Schema.NullOr(Credit),
  /** Keys that this run has disabled and that are to be deleted, unless somebody is seen to miss them, and when. */
  soaks: Schema.Array(Schema.Struct({ id: KeyId, until: Schema.DateTimeUtc })),
  backup: Schema.String,
  /** `seq:hash` of the log's newest record: keep it elsewhere, it finds a log that was put back to an older state. */
  anchor: Schema.NullOr(Schema.String),
  startedAt: Schema.DateTimeUtc,
  finishedAt: Schema.DateTimeUtc
}).annotations({ identifier: "Receipt" })
export type Receipt = typeof Receipt.Type

export const encodeReceipt = Schema.encodeSync(Receipt)
