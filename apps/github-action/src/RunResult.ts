import { encodeReceipt, type Receipt } from "@keysweep/revocation/Receipt"
import { encodeReplaceReceipt, type ReplaceReceipt } from "@keysweep/revocation/replace/ReplaceReceipt"
import { Effect } from "effect"
import { keepBackup } from "./Keeping.ts"
import { Records } from "./Records.ts"
import { replacementSummary } from "./ReplaceSummary.ts"
import type { Result } from "./Step.ts"
import { receiptSummary } from "./Summary.ts"

/** What a run gives as the result of a step. */
export const runResult = (receipt: Receipt, names: boolean) =>
  resultOf(receipt, encodeReceipt(receipt), receiptSummary(receipt, names))

/** The same of a run that made keys. */
export const replaceResult = (receipt: ReplaceReceipt, names: boolean) =>
  resultOf(receipt, encodeReplaceReceipt(receipt), replacementSummary(receipt, names))

const resultOf = (receipt: Receipt | ReplaceReceipt, document: unknown, summary: string) =>
  Effect.gen(function* () {
    const records = yield* Records
    const keys: ReadonlyArray<{ readonly outcome: string }> = receipt.keys
    const count = (outcome: string) => keys.filter((key) => key.outcome === outcome).length
    const ended = count("done") + count("already-gone")
    const backupPath = yield* keepBackup(receipt.account, receipt.backup)
    // What was done is told though its receipt cannot be kept.
    const receiptPath = yield* Effect.option(
      records.keep({ name: "receipt.json" }, `${JSON.stringify(document, null, 2)}\n`, "recipients")
    )
    const result: Result = {
      outcome: receipt.outcome,
      counts: { keys: keys.length, done: count("done"), gone: count("already-gone"), open: keys.length - ended },
      line: `${receipt.outcome}: ${ended} of ${keys.length} keys, run ${receipt.run}`,
      summary,
      planHash: receipt.plan,
      ...(receiptPath._tag === "None" ? {} : { receiptPath: receiptPath.value }),
      ...(backupPath === null ? {} : { backupPath }),
      ...(receipt.anchor === null ? {} : { anchor: receipt.anchor })
    }
    return result
  })
