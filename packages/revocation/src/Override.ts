import type { GateResult, LiftableCheck } from "./GateResult.ts"
import type { Settings } from "./Settings.ts"

/** Which checks block and may be lifted. Looser settings do not get to say that they may not be questioned. */
export const liftable = (
  results: ReadonlyArray<GateResult>,
  settings: typeof Settings.Service
): ReadonlyArray<LiftableCheck> =>
  [...settings.overridable.filter((check) => check !== "policy"), "policy" as const].filter((check) =>
    results.some((it) => it.check === check && it.result === "block")
  )

/** Results with the overridden checks turned into warnings that say so. */
export const lifted = (
  results: ReadonlyArray<GateResult>,
  overridden: ReadonlyArray<LiftableCheck>
): ReadonlyArray<GateResult> =>
  results.map((it) =>
    it.result === "block" && overridden.some((check) => check === it.check)
      ? { ...it, result: "warn", detail: `${it.detail} (overridden)`, lift: null }
      : it
  )
