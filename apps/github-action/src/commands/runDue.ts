import { encodeDueReport } from "@keysweep/revocation/DueReport"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { pastIsHere, pastIsKnown } from "../Memory.ts"
import { Records } from "../Records.ts"
import type { Command } from "../Step.ts"
import { dueSummary } from "../Summary.ts"

/** Watches the soaking keys, and deletes those whose time has come, by the log alone. */
export const runDue: Command = (step) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const records = yield* Records
    yield* pastIsHere(step, "What is due")
    yield* pastIsKnown(step)
    const report = yield* sweep.runDue
    const deleted = report.receipts.flatMap(({ keys }) => keys.filter(({ outcome }) => outcome === "done")).length
    // What was done is told though its report cannot be kept.
    yield* Effect.ignore(
      records.keep({ name: "due.json" }, `${JSON.stringify(encodeDueReport(report), null, 2)}\n`, "recipients")
    )
    return {
      outcome: report.outcome,
      counts: {
        deleted,
        alarms: report.alarms.length,
        ended: report.ended.length,
        waiting: report.waiting.length,
        soaking: report.soaking.keys.length
      },
      line: `${report.outcome}: ${deleted} keys deleted, ${report.alarms.length} alarms, ${report.soaking.keys.length} keys soak`,
      summary: dueSummary(report, step.names)
    }
  })
