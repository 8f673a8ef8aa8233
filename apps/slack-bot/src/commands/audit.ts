import { csv } from "@keysweep/core/Csv"
import { oneLine } from "@keysweep/core/SafeText"
import { type AuditReport, auditOf } from "@keysweep/revocation/Audit"
import type { Severity } from "@keysweep/revocation/Findings"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Effect } from "effect"
import { code, header, type Message, message, mostRows, plain, rows, small } from "../Blocks.ts"
import type { Reply, TextFile } from "../Reply.ts"
import { counted, moment } from "../Words.ts"

/** What is remarkable about the account's keys. It only reads. */
export const audit: Effect.Effect<Reply, SweepError, Sweep> = Effect.gen(function* () {
  const sweep = yield* Sweep
  const report = auditOf(yield* sweep.inventory)
  return { _tag: "Private", message: auditMessage(report), file: fileOf(report) }
})

/** All of it, where a message shows less. */
export const fileOf = (report: AuditReport): TextFile | undefined =>
  report.findings.length > mostRows ? auditFile(report) : undefined

export const auditMessage = ({ account, at, counts, findings, keys, partial }: AuditReport): Message => {
  const title =
    findings.length === 0
      ? `Nothing remarkable about ${counted(keys, "key")}`
      : `${counted(counts.error, "error")}, ${counted(counts.warning, "warning")}, ${counted(counts.note, "note")} on ${counted(keys, "key")}`
  return message(`${title}.`, [
    header(title),
    small(`Account ${code(account)}, read ${moment(at)}.`),
    ...(partial ? [plain("Some records could not be read: this is not all there is.")] : []),
    ...rows(
      findings,
      ({ detail, id, name, severity }) => `${sign(severity)} ${oneLine(name, 60)}: ${oneLine(detail, 200)} (${id})`,
      ""
    )
  ])
}

const auditFile = ({ findings }: AuditReport): TextFile => ({
  name: "audit.csv",
  text: csv(
    ["severity", "name", "id", "finding", "detail"],
    findings.map(({ detail, finding, id, name, severity }) => [severity, name, id, finding, detail])
  )
})

const sign = (severity: Severity): string => (severity === "error" ? "✗" : severity === "warning" ? "!" : "·")
