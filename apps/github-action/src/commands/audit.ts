import { auditOf, auditOutcome, type AuditReport } from "@keysweep/revocation/Audit"
import { auditSarifOf } from "@keysweep/revocation/AuditSarif"
import { Severity } from "@keysweep/revocation/Findings"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect, Schema } from "effect"
import { Records } from "../Records.ts"
import type { Command } from "../Step.ts"
import { auditSummary } from "../Summary.ts"
import { version } from "../Version.ts"

const isSeverity = Schema.is(Severity)

/** Reads, and says what there is and what is risky about it. A partial reading is no success: nobody knows what is missing. */
export const audit: Command = ({ inputs, names }) =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const records = yield* Records
    const inventory = yield* sweep.inventory
    const report = auditOf(inventory)
    const bar = inputs["fail-on"]
    const { active, keys } = inventory.totals
    return {
      outcome: auditOutcome(report, isSeverity(bar) ? bar : "never"),
      counts: { keys, active, unreadable: inventory.unreadable.length, ...report.counts, ...byFinding(report) },
      line: `${keys} keys, ${active} active; findings: ${report.counts.error} errors, ${report.counts.warning} warnings, ${report.counts.note} notes`,
      summary: auditSummary(inventory, report, names),
      sarifPath: yield* records.keep(
        { name: "audit.sarif" },
        JSON.stringify(auditSarifOf(report, version), null, 2),
        "everybody"
      )
    }
  })

const byFinding = ({ findings }: AuditReport): { readonly [finding: string]: number } =>
  Object.fromEntries(
    findings.reduce(
      (counts, { finding }) => counts.set(finding, (counts.get(finding) ?? 0) + 1),
      new Map<string, number>()
    )
  )
