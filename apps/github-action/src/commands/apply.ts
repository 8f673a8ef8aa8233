import { confirmedByHash } from "@keysweep/revocation/Confirmation"
import { encodeReceipt } from "@keysweep/revocation/Receipt"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { recordApprovals } from "../Approvals.ts"
import { futureIsTold, pastIsKnown } from "../Memory.ts"
import { keepBackup } from "../Keeping.ts"
import { paragraphs } from "../Markdown.ts"
import { readPlan } from "../PlanFile.ts"
import { Records } from "../Records.ts"
import { Runner } from "../Runner.ts"
import type { Command } from "../Step.ts"
import { approvalSummary, receiptSummary } from "../Summary.ts"

/** Carries out a saved plan, once, on a fresh reading, if the confirmed hash is its own. */
export const apply: Command = (step) =>
  Effect.gen(function* () {
    const { inputs, names, place } = step
    const sweep = yield* Sweep
    const records = yield* Records
    const plan = yield* readPlan(inputs["plan-path"])
    const confirmed = yield* confirmedByHash(plan, inputs.confirm)
    yield* pastIsKnown(step)
    if (plan.thenDelete.length > 0) yield* futureIsTold(step, "The keys of this plan are deleted after a soak")
    const { approvers, warnings } = yield* recordApprovals(plan, inputs, place)
    const runner = yield* Runner
    for (const text of inputs.environment === "" ? [] : warnings)
      yield* runner.warning({ title: "Keysweep: approval", text })
    const receipt = yield* sweep.apply(plan, confirmed)
    const count = (outcome: string) => receipt.keys.filter((key) => key.outcome === outcome).length
    const ended = count("done") + count("already-gone")
    const backupPath = yield* keepBackup(receipt.account, receipt.backup)
    // What was done is told though its receipt cannot be kept.
    const receiptPath = yield* Effect.option(
      records.keep({ name: "receipt.json" }, `${JSON.stringify(encodeReceipt(receipt), null, 2)}\n`, "recipients")
    )
    return {
      outcome: receipt.outcome,
      counts: {
        keys: receipt.keys.length,
        done: count("done"),
        gone: count("already-gone"),
        open: receipt.keys.length - ended
      },
      line: `${receipt.outcome}: ${ended} of ${receipt.keys.length} keys, run ${receipt.run}`,
      summary: paragraphs([receiptSummary(receipt, names), approvalSummary(approvers, warnings)]),
      approvers,
      planHash: plan.hash,
      ...(receiptPath._tag === "None" ? {} : { receiptPath: receiptPath.value }),
      ...(backupPath === null ? {} : { backupPath }),
      ...(receipt.anchor === null ? {} : { anchor: receipt.anchor })
    }
  })
