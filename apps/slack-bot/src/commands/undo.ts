import type { RunId } from "@keysweep/audit/RunId"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Effect } from "effect"
import type { Reply } from "../Reply.ts"
import { plan } from "./plan.ts"

/** A plan that takes a run back. It changes nothing: what it let soak goes on until the plan is confirmed. */
export const undo = (asked: {
  readonly run: RunId
  readonly reason: string | null
  readonly override: boolean
}): Effect.Effect<Reply, SweepError, Sweep> =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const request = yield* sweep.undo(asked.run)
    const { override, reason } = asked
    return yield* plan({
      ...request,
      ...(reason === null ? {} : { reason }),
      ...(override ? { override } : {})
    })
  })
