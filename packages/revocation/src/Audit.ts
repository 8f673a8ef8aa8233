import { AccountId } from "@keysweep/core/Account"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"
import { explain, Finding, Severity, severityOf } from "./Findings.ts"
import type { Inventory } from "./Inventory.ts"
import type { Outcome } from "./Outcome.ts"

/** Everything that is remarkable about an account's keys, worst first. */
export const AuditReport = Schema.Struct({
  schema: Schema.Literal("keysweep.audit/1"),
  account: AccountId,
  at: Schema.DateTimeUtc,
  partial: Schema.Boolean,
  keys: Schema.Int,
  counts: Schema.Record({ key: Severity, value: Schema.Int }),
  findings: Schema.Array(
    Schema.Struct({
      id: KeyId,
      name: Schema.String,
      finding: Finding,
      severity: Severity,
      detail: Schema.String
    })
  )
}).annotations({ identifier: "AuditReport" })
export type AuditReport = typeof AuditReport.Type

export const encodeAuditReport = Schema.encodeSync(AuditReport)

/** Pure: the audit of one inventory. */
export const auditOf = (inventory: Inventory): AuditReport => {
  const findings = inventory.keys.flatMap((key) =>
    key.findings.map((finding) => ({
      id: key.id,
      name: key.name,
      finding,
      severity: severityOf(finding, key),
      detail: explain(finding, key, inventory.at)
    }))
  )
  const worstFirst = [...findings].sort((a, b) => weight(b.severity) - weight(a.severity))
  return {
    schema: "keysweep.audit/1",
    account: inventory.account,
    at: inventory.at,
    partial: inventory.partial,
    keys: inventory.keys.length,
    counts: {
      note: findings.filter(({ severity }) => severity === "note").length,
      warning: findings.filter(({ severity }) => severity === "warning").length,
      error: findings.filter(({ severity }) => severity === "error").length
    },
    findings: worstFirst
  }
}

/** How an audit ends: `findings` at or above the severity that fails, `partial` where the account was not read whole. */
export const auditOutcome = (report: AuditReport, failOn: Severity | "never"): Outcome => {
  if (report.partial) return "partial"
  const bad = failOn === "never" ? [] : report.findings.filter(({ severity }) => weight(severity) >= weight(failOn))
  return bad.length > 0 ? "findings" : "done"
}

const weight = (severity: Severity): number => Severity.literals.indexOf(severity)
