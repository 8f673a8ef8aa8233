import { sha256Hex } from "@keysweep/core/Canonical"
import type { ScanFinding, ScanReport } from "./ScanReport.ts"

/** SARIF 2.1.0, as far as a scan needs it. */
export interface SarifLog {
  readonly $schema: string
  readonly version: "2.1.0"
  readonly runs: readonly [SarifRun]
}

export interface SarifRun {
  readonly tool: {
    readonly driver: { readonly name: string; readonly version: string; readonly rules: ReadonlyArray<Rule> }
  }
  readonly columnKind: "utf16CodeUnits"
  readonly invocations: readonly [
    { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: ReadonlyArray<Notification> }
  ]
  readonly results: ReadonlyArray<Result>
}

/**
 * A report for code scanning. Paths are percent-encoded, so nothing in them is read as anything else; messages hold no
 * foreign text. What was not searched is a notification, and the run is then not successful.
 *
 * A result in a binary file or in a file's name points at line 1, because code scanning takes no result without a line;
 * the byte is among its properties.
 *
 * @param version of the program, without a `v`
 */
export const sarifOf = (report: ScanReport, version: string): SarifLog => {
  const twins = new Map<string, number>()
  const fingerprint = (rule: RuleId, { key, kind, path }: ScanFinding): string => {
    // Without the line, so that a result stays the same when something is added above it.
    const what = [rule, key ?? "", kind, path].join("\n")
    const number = twins.get(what) ?? 0
    twins.set(what, number + 1)
    return sha256Hex(`${what}\n${number}`)
  }
  const resultOf = (finding: ScanFinding): Result => {
    const ruleId = ruleOf(finding)
    return {
      ruleId,
      ruleIndex: rules.findIndex(({ id }) => id === ruleId),
      level: levels[ruleId],
      message: { text: messageOf(finding) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(finding.path) },
            region: { startLine: finding.line ?? 1, startColumn: finding.column ?? 1 }
          }
        }
      ],
      partialFingerprints: { "keysweepSecret/v1": fingerprint(ruleId, finding) },
      properties: { key: finding.key, kind: finding.kind, commit: finding.commit, byteOffset: finding.offset }
    }
  }
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "keysweep", version, rules } },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: report.complete,
            toolExecutionNotifications: report.unscanned.map(({ path, reason }) => ({
              level: "error" as const,
              message: { text: `Not searched: ${reason}.` },
              ...(path === "" ? {} : { locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) } } }] })
            }))
          }
        ],
        results: report.findings.map(resultOf)
      }
    ]
  }
}

type RuleId = "stored-proxy-key" | "unknown-proxy-key" | "stored-master-key" | "stored-dev-key"

const ruleOf = ({ known, secret }: ScanFinding): RuleId => {
  switch (secret) {
    case "proxy-key":
      return known ? "stored-proxy-key" : "unknown-proxy-key"
    case "master-key":
      return "stored-master-key"
    case "dev-key":
      return "stored-dev-key"
  }
}

const messageOf = ({ commit, key, kind, known, offset, secret }: ScanFinding): string => {
  const what = secret === "proxy-key" ? `Proxy key ${key ?? ""}` : names[secret]
  const how = {
    text: "is written down here",
    base64: "is written down here in base64",
    name: "is in the name of this file"
  }
  const where = offset === null ? "" : `, at byte ${offset}`
  const when = commit === null ? "" : `, in the version of commit ${commit}`
  const whose = secret === "proxy-key" && !known ? " It is not in the account's inventory." : ""
  return `${what} ${how[kind]}${where}${when}.${whose}`
}

const names = { "master-key": "A master key (ek-…)", "dev-key": "A Coding Plan key (ek-dev-…)" }

const levels = {
  "stored-proxy-key": "error",
  "unknown-proxy-key": "warning",
  "stored-master-key": "error",
  "stored-dev-key": "error"
} as const

const rules: ReadonlyArray<Rule> = [
  { id: "stored-proxy-key", shortDescription: { text: "A proxy key of the account is written down." } },
  {
    id: "unknown-proxy-key",
    shortDescription: { text: "What looks like a proxy key, and is not in the account's inventory, is written down." }
  },
  { id: "stored-master-key", shortDescription: { text: "What looks like a master key is written down." } },
  { id: "stored-dev-key", shortDescription: { text: "What looks like a Coding Plan key is written down." } }
]

/** A relative reference of RFC 3986: every segment encoded, so that none is read as a scheme, a query or a fragment. */
const uriOf = (path: string): string =>
  // Through bytes once, because half of a surrogate pair cannot be encoded.
  Buffer.from(path).toString().split("/").map(encodeURIComponent).join("/")

interface Text {
  readonly text: string
}

interface Rule {
  readonly id: RuleId
  readonly shortDescription: Text
}

interface Notification {
  readonly level: "error"
  readonly message: Text
  readonly locations?: ReadonlyArray<{
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } }
  }>
}

interface Result {
  readonly ruleId: RuleId
  readonly ruleIndex: number
  readonly level: "error" | "warning"
  readonly message: Text
  readonly locations: readonly [
    {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string }
        readonly region: { readonly startLine: number; readonly startColumn: number }
      }
    }
  ]
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly properties: {
    readonly key: string | null
    readonly kind: string
    readonly commit: string | null
    readonly byteOffset: number | null
  }
}
