import { Credit } from "@keysweep/core/Credit"
import { LimitType } from "@keysweep/core/KeySettings"
import { Schema } from "effect"
import { SinkText } from "../sinks/SinkTarget.ts"

/** Actions that make new keys in place of old ones. */
export const ReplaceAction = Schema.Literal("recreate", "rotate")
export type ReplaceAction = typeof ReplaceAction.Type

/** Said first, everywhere: the upstream cannot make a value again. */
export const notice = "new values; every application must be updated"

/** What new keys get, and where their values go. Part of a plan to recreate or rotate. Times in seconds. */
export const Values = Schema.Struct({
  notice: Schema.Literal(notice),
  /** The places of the new values, in this order. */
  sinks: Schema.Array(SinkText),
  /** What a new key may spend: what the old one has left, or what it was given once. */
  credit: Schema.Literal("remaining", "original"),
  /** `null`: nobody said, and the upstream never shows it; new keys get the upstream's own, which is `daily`. */
  limitType: Schema.NullOr(LimitType),
  /** rotate: from the last new key that works to the end of the old ones. */
  waitSeconds: Schema.NonNegative,
  /** rotate: how long the old keys stay disabled before they may be deleted. */
  soakSeconds: Schema.NonNegative,
  /** What the new keys are given to spend, in all. */
  needs: Credit,
  /** What the old keys have and the new ones cannot be given, one sentence each. */
  lost: Schema.Array(Schema.String)
})
export type Values = typeof Values.Type
