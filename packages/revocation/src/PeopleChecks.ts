import type { LogView } from "@keysweep/audit/Projection"
import type { KeyId } from "@keysweep/core/ProxyKey"
import type { GateResult } from "./GateResult.ts"

/** The gate's check "second person": how many people approved, of how many that must. */
export const secondPersonCheck = (given: number, required: number): GateResult => {
  const detail =
    required === 0 ? "the settings ask for no second person" : `${given} of ${required} approvals by other people`
  return given >= required
    ? { check: "second person", result: "pass", detail, lift: null }
    : {
        check: "second person",
        result: "block",
        detail,
        lift: "another person named in the settings approves this plan"
      }
}

/** The gate's check "hold": of the account, of each plan that counts (by its hash; none while it is made) and of keys. */
export const holdCheck = (
  plans: ReadonlyArray<string>,
  keys: ReadonlyArray<{ readonly id: KeyId; readonly name: string }>,
  holds: LogView["holds"]
): GateResult => {
  const held = keys.flatMap(({ id, name }) => {
    const why = holds.get(id)
    return why === undefined ? [] : [`${name}: ${why}`]
  })
  const whole = [...new Set([...plans, null])].flatMap((what) => holds.get(what) ?? [])
  const reasons = [...whole, ...held]
  return reasons.length === 0
    ? { check: "hold", result: "pass", detail: "nobody holds it", lift: null }
    : { check: "hold", result: "block", detail: reasons.join("; "), lift: "whoever holds it lifts the hold" }
}
