import { sha256Hex } from "@keysweep/core/Canonical"
import { type AuditReport } from "./Audit.ts"
import { Finding, findingTitle, type Severity, usualSeverity } from "./Findings.ts"

/**
 * An audit as SARIF 2.1.0, for code scanning. Names of keys are not in it: what reads SARIF may be public. A result points
 * at `proxy-keys/<id>`, a file that does not exist, because code scanning takes no result without one. A partial reading
 * is a run that was not successful.
 *
 * @param version of the program, without a `v`
 */
export const auditSarifOf = (report: AuditReport, version: string) => ({
  $schema: "https://json.schemastore.org/sarif-2.1.0.json",
  version: "2.1.0" as const,
  runs: [
    {
      tool: { driver: { name: "keysweep", version, rules } },
      invocations: [
        {
          executionSuccessful: !report.partial,
          toolExecutionNotifications: report.partial
            ? [{ level: "error" as const, message: { text: "Some records of the account could not be read." } }]
            : []
        }
      ],
      results: report.findings.map(({ detail, finding, id, severity }) => ({
        ruleId: finding,
        ruleIndex: Finding.literals.indexOf(finding),
        level: severity,
        message: { text: `Proxy key ${id} ${detail}.` },
        locations: [
          {
            physicalLocation: { artifactLocation: { uri: `proxy-keys/${id}` }, region: { startLine: 1 } },
            logicalLocations: [{ name: id, fullyQualifiedName: `${report.account}/${id}`, kind: "resource" }]
          }
        ],
        partialFingerprints: { "keysweepFinding/v1": sha256Hex(`${finding}\n${id}`) }
      }))
    }
  ]
})

const rules: ReadonlyArray<Rule> = Finding.literals.map((finding) => ({
  id: finding,
  shortDescription: { text: `${findingTitle[finding]}.` },
  defaultConfiguration: { level: usualSeverity[finding] }
}))

interface Rule {
  readonly id: Finding
  readonly shortDescription: { readonly text: string }
  readonly defaultConfiguration: { readonly level: Severity }
}
