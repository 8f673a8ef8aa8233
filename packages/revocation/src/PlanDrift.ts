import { toCredits } from "@keysweep/core/Credit"
import { type ProxyKey, settingsDigest } from "@keysweep/core/ProxyKey"
import { DateTime } from "effect"
import type { PlannedKey } from "./PlannedKey.ts"

/** Which settings of a planned key differ from a fresh reading of it, in words. Empty: it is as planned. */
export const driftOf = (planned: PlannedKey, fresh: ProxyKey): ReadonlyArray<string> => {
  if (settingsDigest(fresh) === planned.prior) return []
  const was = planned.settings
  const fields: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ["name", planned.name, fresh.name],
    ["active", was.active, fresh.active],
    ["expiry", timeText(was.expiresAt), timeText(fresh.expiresAt)],
    ["allocation", toCredits(was.allocated), toCredits(fresh.allocated)],
    ["models", [...was.models].sort().join(" "), [...fresh.models].sort().join(" ")],
    ["addresses", [...was.addresses].sort().join(" "), [...fresh.addresses].sort().join(" ")]
  ]
  const changed = fields.filter(([, before, after]) => before !== after)
  if (changed.length === 0) return ["a setting that the plan does not show has changed"]
  return changed.map(([field, before, after]) => `${field}: ${String(before) || "any"} → ${String(after) || "any"}`)
}

const timeText = (time: DateTime.Utc | null): string => (time === null ? "never" : DateTime.formatIso(time))
