import { oneLine } from "@keysweep/core/SafeText"
import type { AuditReport } from "@keysweep/revocation/Audit"
import { type Drift, driftLines } from "@keysweep/revocation/Drift"
import type { Severity } from "@keysweep/revocation/Findings"
import { csv } from "@keysweep/core/Csv"
import { markdownTable } from "./Markdown.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"
import { counted, relative } from "./Words.ts"

type Found = AuditReport["findings"][number]

/** What is remarkable, worst first, and what is different since the last inventory. */
export const auditText = (report: AuditReport, drift: Drift | null, style: Style, width: number): string =>
  [
    ...(report.findings.length === 0
      ? []
      : [
          table(
            [
              { title: "SEVERITY" },
              { title: "NAME", shrinksTo: 8 },
              { title: "FINDING", drop: 1 },
              { title: "WHY", shrinksTo: 24, wraps: true },
              { title: "ID" }
            ],
            report.findings.map((it) => [
              { text: it.severity, paint: paintOf(it.severity, style) },
              { text: oneLine(it.name, 60) },
              { text: it.finding },
              { text: it.detail },
              { text: it.id }
            ]),
            width,
            style.bold
          ),
          ""
        ]),
    verdict(report, style),
    ...(report.partial ? [style.yellow("! Some records could not be read: this is not all there is.")] : []),
    ...driftText(drift, style)
  ].join("\n")

const verdict = ({ account, counts, findings, keys }: AuditReport, style: Style): string =>
  findings.length === 0
    ? `${style.green("✓")} Nothing remarkable about ${counted(keys, "key")} of ${account}.`
    : `${counted(findings.length, "finding")} on ${counted(new Set(findings.map(({ id }) => id)).size, "key")} of ${keys}: ${counted(counts.error, "error")}, ${counted(counts.warning, "warning")}, ${counted(counts.note, "note")}. Account ${account}.`

const driftText = (drift: Drift | null, style: Style): ReadonlyArray<string> => {
  if (drift === null) return [style.dim("There is no earlier inventory to compare with.")]
  const lines = driftLines(drift)
  const since = `since the last inventory (${relative(drift.before.at, drift.after.at)})`
  return lines.length === 0
    ? [style.dim(`No key is new or gone, and no setting changed, ${since}.`)]
    : [`Changed ${since}:`, ...lines.map((line) => `  ${line}`)]
}

const paintOf = (severity: Severity, style: Style): ((text: string) => string) => {
  switch (severity) {
    case "error":
      return style.red
    case "warning":
      return style.yellow
    case "note":
      return style.dim
  }
}

const row = ({ detail, finding, id, name, severity }: Found) => [severity, name, id, finding, detail]

export const auditCsv = ({ findings }: AuditReport): string =>
  csv(["severity", "name", "id", "finding", "detail"], findings.map(row))

export const auditMarkdown = ({ findings }: AuditReport): string =>
  markdownTable(["Severity", "Name", "Key", "Finding", "Why"], findings.map(row))
