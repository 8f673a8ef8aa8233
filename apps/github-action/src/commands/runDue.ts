import { encodeDueReport } from "@keysweep/revocation/DueReport"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { RecordsRefused } from "../ActionError.ts"
import { memoryOf, pastIsKnown } from "../Memory.ts"
import { Records } from "../Records.ts"
import type { Command } from "../Step.ts"
import { dueSummary } from "../Summary.ts"

/** Watches the soaking keys, and deletes those whose time has come, by the log alone. */
export const runDue: Command = (step) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const records = yield* Records
    const memory = yield* memoryOf(step)
    if (records.takenFrom === null && (memory === "state" || memory === "runner")) {
      return yield* new RecordsRefused({
        detail:
          "What is due is in the log alone, and there is no log of earlier steps here: nothing was changed. Give the state that the last step left as state-in, or give store."
      })
    }
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
