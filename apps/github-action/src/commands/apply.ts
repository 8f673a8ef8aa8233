import { confirmedByHash } from "@keysweep/revocation/Confirmation"
import { isReplacePlan } from "@keysweep/revocation/replace/AnyPlan"
import { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { recordApprovals } from "../Approvals.ts"
import { futureIsTold, pastIsKnown } from "../Memory.ts"
import { paragraphs } from "../Markdown.ts"
import { readPlan } from "../PlanFile.ts"
import { Runner } from "../Runner.ts"
import { replaceResult, runResult } from "../RunResult.ts"
import type { Command } from "../Step.ts"
import { approvalSummary } from "../Summary.ts"

/** Carries out a saved plan, once, on a fresh reading, if the confirmed hash is its own. */
export const apply: Command = (step) =>
  Effect.gen(function* () {
    const { inputs, names, place } = step
    const plan = yield* readPlan(inputs["plan-path"])
    const confirmed = yield* confirmedByHash(plan, inputs.confirm)
    yield* pastIsKnown(step)
    if (isReplacePlan(plan)) yield* futureIsTold(step, "New keys stand in place of the old ones of this plan")
    else if (plan.thenDelete.length > 0) yield* futureIsTold(step, "The keys of this plan are deleted after a soak")
    const { approvers, warnings } = yield* recordApprovals(plan, inputs, place)
    const runner = yield* Runner
    for (const text of inputs.environment === "" ? [] : warnings)
      yield* runner.warning({ title: "Keysweep: approval", text })
    const result = isReplacePlan(plan)
      ? yield* replaceResult(yield* (yield* Replacements).apply(plan, confirmed), names)
      : yield* runResult(yield* (yield* Sweep).apply(plan, confirmed), names)
    return { ...result, summary: paragraphs([result.summary, approvalSummary(approvers, warnings)]), approvers }
  })
