import { confirmedByHash } from "@keysweep/revocation/Confirmation"
import { Effect } from "effect"
import { backupPathOf } from "../BackupPath.ts"
import { readPlan } from "../PlanFile.ts"
import type { Command } from "../Step.ts"
import { receiptSummary } from "../Summary.ts"

/** Carries out a saved plan, once, on a fresh reading, if the confirmed hash is its own. */
export const apply: Command = ({ home, inputs, names, sweep }) =>
  Effect.gen(function* () {
    const plan = yield* readPlan(inputs["plan-path"])
    const confirmed = yield* confirmedByHash(plan, inputs.confirm)
    const receipt = yield* sweep.apply(plan, confirmed)
    const count = (outcome: string) => receipt.keys.filter((key) => key.outcome === outcome).length
    const ended = count("done") + count("already-gone")
    return {
      outcome: receipt.outcome,
      counts: {
        keys: receipt.keys.length,
        done: count("done"),
        gone: count("already-gone"),
        open: receipt.keys.length - ended
      },
      line: `${receipt.outcome}: ${ended} of ${receipt.keys.length} keys, run ${receipt.run}`,
      summary: receiptSummary(receipt, names),
      planHash: plan.hash,
      backupPath: backupPathOf(home, receipt.account, receipt.backup),
      ...(receipt.anchor === null ? {} : { anchor: receipt.anchor })
    }
  })
