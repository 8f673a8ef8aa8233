import { AccountId } from "@keysweep/core/Account"
import { Schema } from "effect"
import { Outcome } from "../Outcome.ts"
import { Incident } from "./Incident.ts"

/** What became of a regeneration of the master key. Times RFC 3339 UTC; never a secret. */
export const Regenerated = Schema.Struct({
  schema: Schema.Literal("keysweep.regeneration/1"),
  run: Schema.String,
  account: AccountId,
  /** `done`: the new key works and the old one does not, each shown by a request. */
  outcome: Outcome,
  /** What went wrong, and what to do; `null` where nothing did. */
  detail: Schema.NullOr(Schema.String),
  /** Hashes of the master keys, by which machines know the account before it is looked up. `to`: unknown where it was lost. */
  from: AccountId,
  to: Schema.NullOr(AccountId),
  sinks: Schema.Array(
    Schema.Struct({
      sink: Schema.String,
      result: Schema.Literal("read back", "accepted", "failed"),
      detail: Schema.String
    })
  ),
  /** The incident that this belongs to, if the log tells of one. */
  incident: Schema.NullOr(Incident),
  anchor: Schema.NullOr(Schema.String),
  startedAt: Schema.DateTimeUtc,
  finishedAt: Schema.DateTimeUtc
}).annotations({ identifier: "Regeneration" })
export type Regenerated = typeof Regenerated.Type

export const encodeRegenerated = Schema.encodeSync(Regenerated)
