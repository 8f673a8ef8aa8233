import { DateTime, Schema } from "effect"
import { type Action, isFinal } from "./Action.ts"
import type { PlannedKey } from "./Plan.ts"

/** One thing that must be true, or known, before a plan may run, and the one thing that would lift it. */
export const GateResult = Schema.Struct({
  check: Schema.Literal("live use", "second person"),
  result: Schema.Literal("pass", "warn", "block"),
  detail: Schema.String,
  lift: Schema.NullOr(Schema.String)
})
export type GateResult = typeof GateResult.Type

/** A key used within the last 24 hours counts as live. */
const liveHours = 24

export const usedLately = (lastUsedAt: DateTime.Utc | null, now: DateTime.Utc): boolean =>
  lastUsedAt !== null && DateTime.toEpochMillis(now) - DateTime.toEpochMillis(lastUsedAt) < liveHours * 3_600_000

/** The checks that a reading can answer while planning. Log, backup, account and drift are checked by the run. */
export const planGate = (facts: {
  readonly action: Action
  readonly keys: ReadonlyArray<PlannedKey>
  readonly now: DateTime.Utc
}): ReadonlyArray<GateResult> => {
  if (facts.action === "enable") return []
  const live = facts.keys.filter((key) => usedLately(key.lastUsedAt, facts.now))
  if (live.length === 0) {
    return [
      {
        check: "live use",
        result: "pass",
        detail: `no planned key was used in the last ${liveHours} hours`,
        lift: null
      }
    ]
  }
  const names = live.map((key) => key.name).slice(0, 5)
  const more = live.length > names.length ? ` and ${live.length - names.length} more` : ""
  return [
    {
      check: "live use",
      result: "warn",
      detail: `${live.length} of ${facts.keys.length} used in the last ${liveHours} hours: ${names.join(", ")}${more}`,
      lift: isFinal(facts.action) ? "disable first, watch, and delete what nobody misses" : null
    }
  ]
}
