import { AccountId } from "@keysweep/core/Account"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"
import { KeyOutcome, Outcome } from "../Outcome.ts"
import { ReplaceAction } from "./Values.ts"

/** What a run that makes keys did, proven or not. Never a secret: values are named by their key's id and their sinks. */
export const ReplaceReceipt = Schema.Struct({
  schema: Schema.Literal("keysweep.replacement/1"),
  run: Schema.String,
  plan: Schema.String,
  account: AccountId,
  action: ReplaceAction,
  outcome: Outcome,
  /** Why the run ended before its last key; `null` when it did not. */
  stopped: Schema.NullOr(Schema.String),
  keys: Schema.Array(
    Schema.Struct({
      id: KeyId,
      name: Schema.String,
      /** The new key, as soon as there is one: also where the rest failed. */
      replacement: Schema.NullOr(KeyId),
      /** The sinks that have its value, each with how that is known. */
      delivered: Schema.Array(Schema.String),
      outcome: KeyOutcome,
      detail: Schema.String
    })
  ),
  skipped: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String })),
  /** rotate: from this moment the old keys are deleted by `run-due`; until then they are only disabled. */
  deletesAt: Schema.NullOr(Schema.DateTimeUtc),
  backup: Schema.String,
  anchor: Schema.NullOr(Schema.String),
  startedAt: Schema.DateTimeUtc,
  finishedAt: Schema.DateTimeUtc
}).annotations({ identifier: "ReplaceReceipt" })
export type ReplaceReceipt = typeof ReplaceReceipt.Type

export const encodeReplaceReceipt = Schema.encodeSync(ReplaceReceipt)
