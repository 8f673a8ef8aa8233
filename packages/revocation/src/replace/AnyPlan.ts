import { Either } from "effect"
import { decodePlan, type Plan } from "../Plan.ts"
import type { PlanStale, PlanUnreadable } from "../PlanError.ts"
import { decodeReplacePlan, type ReplacePlan } from "./ReplacePlan.ts"

/** A plan of either kind: to do something to keys, or to make new ones. */
export type AnyPlan = Plan | ReplacePlan

/** `PlanUnreadable` where it is none, `PlanStale` where it was changed since. */
export const decodeAnyPlan = (text: string): Either.Either<AnyPlan, PlanStale | PlanUnreadable> => {
  const replacement = decodeReplacePlan(text)
  return Either.isLeft(replacement) && replacement.left._tag === "PlanUnreadable" ? decodePlan(text) : replacement
}

export const isReplacePlan = (plan: AnyPlan): plan is ReplacePlan => plan.schema === "keysweep.replacement-plan/1"
