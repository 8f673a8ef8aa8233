import { csv } from "@keysweep/core/Csv"
import { oneLine } from "@keysweep/core/SafeText"
import { blocksForGood } from "@keysweep/revocation/GateResult"
import type { Plan, PlanRequest } from "@keysweep/revocation/Plan"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Effect } from "effect"
import { privately, type Reply, type TextFile } from "../Reply.ts"
import { blockedMessage } from "../RunMessage.ts"

/** Reads, and says what would be done. It changes nothing. What is blocked now bothers nobody else. */
export const plan = (request: PlanRequest): Effect.Effect<Reply, SweepError, Sweep> =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const planning = yield* sweep.plan(request)
    if (planning._tag === "Nothing") {
      return privately(`Nothing to do: ${oneLine(planning.detail, 400)}. Nothing was changed.`)
    }
    return blocksForGood(planning.plan.gate).length > 0
      ? { _tag: "Private", message: blockedMessage(planning.plan) }
      : { _tag: "Plan", plan: planning.plan }
  })

/** Every key of a plan, for those who are asked to say yes to more than a message shows. */
export const planFile = ({ action, hash, keys, skipped }: Plan): TextFile => ({
  name: `plan-${hash.slice(0, 12)}.csv`,
  text: csv(
    ["id", "name", "state", "what", "why"],
    [
      ...keys.map(({ id, name, state }) => [id, name, state, action, ""]),
      ...skipped.map(({ id, name, reason }) => [id, name, "", "left alone", reason])
    ]
  )
})
