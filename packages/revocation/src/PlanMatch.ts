import type { KeyId } from "@keysweep/core/ProxyKey"
import { Effect } from "effect"
import type * as Acting from "./Acting.ts"
import type { Reading } from "./Inventory.ts"
import type { Plan } from "./Plan.ts"
import { driftOf } from "./PlanDrift.ts"
import { InventoryPartial, PlanStale } from "./PlanError.ts"
import type { PlannedKey } from "./PlannedKey.ts"

export const stale = (reason: PlanStale["reason"], detail: string, drift: PlanStale["drift"] = []) =>
  Effect.fail(new PlanStale({ reason, detail, drift }))

interface Matched {
  readonly keys: ReadonlyArray<Acting.Work["keys"][number] & { readonly planned: PlannedKey }>
  readonly absent: ReadonlyArray<KeyId>
}

/**
 * Pairs planned keys with their fresh readings. A key that is gone is no drift; one that differs is. Where the reading is
 * partial nobody knows what is gone.
 */
export const match = (plan: Plan, reading: Reading): Effect.Effect<Matched, InventoryPartial | PlanStale> => {
  if (reading.account !== plan.account) {
    return stale(
      "other account",
      `The plan is for ${plan.account}, the master key for ${reading.account}; nothing was changed.`
    )
  }
  const fresh = new Map(reading.listing.keys.map((key) => [key.id, key]))
  const drift = plan.keys.flatMap((planned) => {
    const now = fresh.get(planned.id)
    const changes = now === undefined ? [] : driftOf(planned, now)
    return changes.length === 0 ? [] : [{ id: planned.id, name: planned.name, changes }]
  })
  if (drift.length > 0) {
    return stale(
      "drift",
      `${drift.length} of ${plan.keys.length} planned keys have changed since; nothing was changed. Make a new plan.`,
      drift
    )
  }
  const absent = plan.keys.filter((key) => !fresh.has(key.id)).map((key) => key.id)
  const unreadable = reading.listing.unreadable.length
  if (unreadable > 0 && (absent.length > 0 || plan.method === "bulk")) return new InventoryPartial({ unreadable })
  const planned = new Set(plan.keys.map((key) => key.id))
  const others = reading.listing.keys.filter((key) => !planned.has(key.id))
  if (plan.method === "bulk" && others.length > 0) {
    return stale(
      "unplanned keys",
      `${others.length} keys of the account are not in the plan, and this plan deletes every key in one request; nothing was changed. Make a new plan.`,
      others.slice(0, 20).map(({ id, name }) => ({ id, name, changes: ["not in the plan"] }))
    )
  }
  return Effect.succeed({
    keys: plan.keys.flatMap((planned) => {
      const key = fresh.get(planned.id)
      const secret = reading.listing.secrets.get(planned.id)
      return key === undefined || secret === undefined
        ? []
        : [{ planned, fresh: key, target: { id: planned.id, secret } }]
    }),
    absent
  })
}
