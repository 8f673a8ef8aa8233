import { Schema } from "effect"

/** Checks that settings can make block, and that one override with a reason can lift where settings allow it. */
export const LiftableCheck = Schema.Literal(
  "cap",
  "live use",
  "unknown owner",
  "still stored",
  "not soaked",
  "no notice",
  "policy",
  "balance"
)
export type LiftableCheck = typeof LiftableCheck.Type

/** One thing that must be true, or known, before a plan may run, and the one thing that would lift it. */
export const GateResult = Schema.Struct({
  check: Schema.Literal(
    ...LiftableCheck.literals,
    "second person",
    "automatic",
    "hold",
    "origin",
    "log",
    "backup",
    "master key",
    "key room"
  ),
  result: Schema.Literal("pass", "warn", "block"),
  detail: Schema.String,
  lift: Schema.NullOr(Schema.String)
})
export type GateResult = typeof GateResult.Type

/** What blocks whoever approves: that approvals are still missing is no reason not to ask for them. */
export const blocksForGood = (results: ReadonlyArray<GateResult>): ReadonlyArray<GateResult> =>
  results.filter(({ check, result }) => result === "block" && check !== "second person")
