import { encodePlan } from "@keysweep/revocation/Plan"
import { type AnyPlan, decodeAnyPlan, isReplacePlan } from "@keysweep/revocation/replace/AnyPlan"
import { encodeReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import { Effect } from "effect"
import { Records } from "./Records.ts"

/** Never over another file: an older plan may be the one that somebody has read. */
export const savePlan = (plan: AnyPlan, path: string) =>
  Effect.flatMap(Records, (records) =>
    records.keep(
      { name: "plan.json", at: path },
      `${JSON.stringify(isReplacePlan(plan) ? encodeReplacePlan(plan) : encodePlan(plan), null, 2)}\n`,
      "recipients and steps"
    )
  )

/** Reads a plan. One that was edited is stale; what is no plan at all is refused. */
export const readPlan = (path: string) =>
  Effect.flatMap(
    Effect.flatMap(Records, (records) => records.read(path)),
    decodeAnyPlan
  )
