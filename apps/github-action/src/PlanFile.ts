import { decodePlan, encodePlan, type Plan } from "@keysweep/revocation/Plan"
import { Effect } from "effect"
import { Records } from "./Records.ts"

/** Never over another file: an older plan may be the one that somebody has read. */
export const savePlan = (plan: Plan, path: string) =>
  Effect.flatMap(Records, (records) =>
    records.keep(
      { name: "plan.json", at: path },
      `${JSON.stringify(encodePlan(plan), null, 2)}\n`,
      "recipients and steps"
    )
  )

/** Reads a plan. One that was edited is stale; what is no plan at all is refused. */
export const readPlan = (path: string) =>
  Effect.flatMap(
    Effect.flatMap(Records, (records) => records.read(path)),
    decodePlan
  )
