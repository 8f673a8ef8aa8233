import type { PlanRequest } from "@keysweep/revocation/Plan"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Effect } from "effect"
import { privately, type Reply } from "../Reply.ts"
import { oneLine } from "@keysweep/core/SafeText"

/** Reads, and says what would be done. It changes nothing. */
export const plan = (request: PlanRequest): Effect.Effect<Reply, SweepError, Sweep> =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const planning = yield* sweep.plan(request)
    return planning._tag === "Nothing"
      ? privately(`Nothing to do: ${oneLine(planning.detail, 400)}. Nothing was changed.`)
      : { _tag: "Plan", plan: planning.plan }
  })
