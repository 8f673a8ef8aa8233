import { withoutSecrets } from "@keysweep/core/SafeText"
import { parseDuration } from "@keysweep/revocation/DurationText"
import type { PlanRequest } from "@keysweep/revocation/PlanRequest"
import type { Selector } from "@keysweep/revocation/Selection"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect, Either, Option } from "effect"
import { InputsRefused } from "../ActionError.ts"
import type { Inputs } from "../Inputs.ts"
import { savePlan } from "../PlanFile.ts"
import type { Command } from "../Step.ts"
import { nothingSummary, planSummary } from "../Summary.ts"

/** Reads, and saves what would be done. Changes nothing upstream. */
export const plan: Command = ({ inputs, names }) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const planning = yield* sweep.plan(yield* requestOf(inputs))
    if (planning._tag === "Nothing") {
      const summary = nothingSummary(planning.detail, names)
      return { outcome: "nothing", counts: { keys: 0, skipped: 0 }, line: "Nothing to do", summary }
    }
    const { plan } = planning
    const blocked = plan.gate.filter(({ result }) => result === "block").length
    return {
      outcome: "done",
      counts: { keys: plan.keys.length, skipped: plan.skipped.length, requests: plan.requests, blocked },
      line: `${plan.action}: ${plan.keys.length} keys; confirm ${plan.hash}`,
      summary: planSummary(plan, names),
      planPath: yield* savePlan(plan, inputs["plan-path"]),
      planHash: plan.hash
    }
  })

const requestOf = (inputs: Inputs): Effect.Effect<PlanRequest, InputsRefused> => {
  const { action, override } = inputs
  // A secret may be pasted into a reason; the plan is kept and shown.
  const reason = withoutSecrets(inputs.reason)
  if (action === "") return new InputsRefused({ mistakes: [{ input: "action", detail: "is required by plan" }] })
  const after = Either.getRight(parseDuration(inputs["delete-after"]))
  return Effect.succeed({
    action,
    reason,
    override,
    ...(action === "delete-all" ? {} : { selector: selectorOf(inputs) }),
    ...(Option.isNone(after) ? {} : { thenDelete: { after: after.value } })
  })
}

/** Only what was given: a field that is there narrows. */
const selectorOf = ({ all, disabled, expired, keys, names, where }: Inputs): Selector => ({
  ...(keys.length === 0 ? {} : { keys }),
  ...(names.length === 0 ? {} : { names }),
  ...(where === "" ? {} : { where }),
  ...(disabled ? { states: ["disabled"] as const } : {}),
  ...(expired ? { expired } : {}),
  ...(all ? { all } : {})
})
