import type { PlanRequest } from "@keysweep/revocation/PlanRequest"
import type { AnyPlan } from "@keysweep/revocation/replace/AnyPlan"
import { Replacements, type Replacing } from "@keysweep/revocation/replace/Replacements"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { InputsRefused } from "../ActionError.ts"
import { pastIsHere, pastIsKnown } from "../Memory.ts"
import { savePlan } from "../PlanFile.ts"
import { groundsOf, replacingOf, requestOf } from "../PlanInputs.ts"
import { replacePlanSummary } from "../ReplaceSummary.ts"
import type { Command, Step } from "../Step.ts"
import { nothingSummary, planSummary } from "../Summary.ts"

/** Reads, and saves what would be done. Changes nothing upstream. */
export const plan: Command = (step) =>
  Effect.gen(function* () {
    const { inputs } = step
    const { action } = inputs
    switch (action) {
      case "":
        return yield* new InputsRefused({ mistakes: [{ input: "action", detail: "is required by plan" }] })
      case "undo":
        return yield* planned(step, yield* undoing(step))
      case "rotate":
      case "recreate":
        return yield* replacing(step, replacingOf(inputs, action))
      default:
        return yield* planned(step, yield* requestOf(inputs, action))
    }
  })

const planned = (step: Step, request: PlanRequest) =>
  Effect.gen(function* () {
    const planning = yield* (yield* Sweep).plan(request)
    if (planning._tag === "Nothing") return nothing(step, planning.detail)
    return yield* saved(step, planning.plan, planSummary(planning.plan, step.names))
  })

/** An attempt that does not know of the one before would make the same keys once more. */
const replacing = (step: Step, request: Replacing) =>
  Effect.gen(function* () {
    if (request.action === "recreate") yield* pastIsHere(step, "How deleted keys were")
    yield* pastIsKnown(step)
    const planning = yield* (yield* Replacements).plan(request)
    if (planning._tag === "Nothing") return nothing(step, planning.detail)
    return yield* saved(step, planning.plan, replacePlanSummary(planning.plan, step.names))
  })

const undoing = (step: Step) =>
  Effect.gen(function* () {
    const { inputs } = step
    yield* pastIsHere(step, "What a run did")
    if (inputs.run === "") {
      return yield* new InputsRefused({ mistakes: [{ input: "run", detail: "is required to undo: the run's id" }] })
    }
    return { ...(yield* (yield* Sweep).undo(inputs.run)), ...groundsOf(inputs) }
  })

const saved = ({ inputs }: Step, plan: AnyPlan, summary: string) =>
  Effect.gen(function* () {
    const blocked = plan.gate.filter(({ result }) => result === "block").length
    return {
      outcome: "done" as const,
      counts: { keys: plan.keys.length, skipped: plan.skipped.length, requests: plan.requests, blocked },
      line: `${plan.action}: ${plan.keys.length} keys; confirm ${plan.hash}`,
      summary,
      planPath: yield* savePlan(plan, inputs["plan-path"]),
      planHash: plan.hash
    }
  })

const nothing = ({ names }: Step, detail: string) => ({
  outcome: "nothing" as const,
  counts: { keys: 0, skipped: 0 },
  line: "Nothing to do",
  summary: nothingSummary(detail, names)
})
