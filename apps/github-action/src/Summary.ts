import { toCredits, type Credit } from "@keysweep/core/Credit"
import type { BackupManifest } from "@keysweep/audit/BackupManifest"
import type { AuditReport } from "@keysweep/revocation/Audit"
import { isFinal, pastOf } from "@keysweep/revocation/Action"
import { changesOf } from "@keysweep/revocation/Contain"
import type { DueReport } from "@keysweep/revocation/DueReport"
import type { Inventory } from "@keysweep/revocation/Inventory"
import type { Plan } from "@keysweep/revocation/Plan"
import type { Receipt } from "@keysweep/revocation/Receipt"
import type { ScanFinding, ScanReport } from "@keysweep/revocation/scan/ScanReport"
import { thenDeleteText } from "@keysweep/revocation/Soak"
import { DateTime } from "effect"
import { code, escaped, paragraphs, table } from "./Markdown.ts"

/** Pages for the run, in Markdown. `names`: whether names of keys, and foreign text about keys, may be shown. */

export const auditSummary = (inventory: Inventory, report: AuditReport, names: boolean): string => {
  const { active, allocated, keys, remaining, used } = inventory.totals
  return paragraphs([
    "## Keysweep: audit",
    `${keys} keys of ${code(inventory.account)}, ${active} active. Allocated ${credits(allocated)}, used ${credits(used)}, remaining ${credits(remaining)} credits.`,
    inventory.partial ? `**Partial:** ${inventory.unreadable.length} records could not be read.` : "",
    report.findings.length === 0 ? "Nothing remarkable." : "### Findings, worst first",
    table(
      ["Severity", ...nameHead(names), "Key", "Finding"],
      report.findings.map(({ detail, id, name, severity }) => [
        severity,
        ...nameCell(name, names),
        code(id),
        escaped(detail)
      ])
    ),
    "### Keys",
    table(
      [...nameHead(names), "Key", "State", "Findings", "Last used"],
      inventory.keys.map((key) => [
        ...nameCell(key.name, names),
        code(key.id),
        key.state,
        escaped(key.findings.join(", ")),
        key.lastUsedAt === null ? "never" : day(key.lastUsedAt)
      ])
    )
  ])
}

export const planSummary = (plan: Plan, names: boolean): string =>
  paragraphs([
    `## Keysweep: plan to ${plan.action}`,
    `**${plan.keys.length} keys** of ${code(plan.account)} in ${plan.requests} requests, about ${plan.estimateSeconds} s. ${isFinal(plan.action) ? `It cannot be taken back. Credit expected back: ${credits(plan.creditExpected)}.` : "It can be taken back."}`,
    thenDeleteText(plan.thenDelete),
    howToConfirm(plan),
    names && plan.reason !== null ? `Reason: ${escaped(plan.reason)}` : "",
    table(
      [...nameHead(names), "Key", "State", "Remaining", "Last used"],
      plan.keys.map((key) => [
        ...nameCell(key.name, names),
        code(key.id),
        key.state,
        credits(key.remaining),
        key.lastUsedAt === null ? "never" : day(key.lastUsedAt)
      ])
    ),
    names
      ? table(
          ["Key", "Changes"],
          plan.keys.flatMap(({ becomes, id, settings }) =>
            becomes === null ? [] : [[code(id), escaped(changesOf(settings, becomes).join("; "))]]
          )
        )
      : "",
    leftTable("Refused", plan.refused, names),
    leftTable("Skipped", plan.skipped, names),
    checksTable(plan.gate, names),
    "### Before keys are deleted, the vendor asks for",
    table(
      ["Step", "Status", "Detail"],
      plan.checklist.map(({ detail, status, step }) => [escaped(step), status, escaped(detail)])
    )
  ])

/** Before the tables: a page that is too long is cut. */
export const howToConfirm = ({ expiresAt, hash }: Pick<Plan, "expiresAt" | "hash">): string =>
  `To carry out exactly this plan, before ${time(expiresAt)}, confirm its hash: ${code(hash)}`

export const receiptSummary = (receipt: Receipt, names: boolean): string => {
  const ended = receipt.keys.filter(({ outcome }) => outcome === "done" || outcome === "already-gone").length
  return paragraphs([
    `## Keysweep: ${receipt.outcome}`,
    `**${ended} of ${receipt.keys.length} keys** of ${code(receipt.account)} ${pastOf(receipt.action)}${receipt.outcome === "done" ? ", proven by a fresh reading" : ""}.`,
    stoppedText(receipt.stopped, names),
    whereRecorded(receipt),
    table(
      [...nameHead(names), "Key", "Outcome", ...(names ? ["Detail"] : [])],
      receipt.keys.map((key) => [
        ...nameCell(key.name, names),
        code(key.id),
        key.outcome,
        ...(names ? [escaped(key.detail)] : [])
      ])
    ),
    leftTable("Skipped", receipt.skipped, names),
    `Credit expected back: ${credits(receipt.creditExpected)}; the keys hold ${receipt.creditObserved === null ? "nobody knows how much" : credits(receipt.creditObserved)} less than before.`
  ])
}

export const whereRecorded = ({ anchor, backup, run }: Pick<Receipt, "anchor" | "backup" | "run">): string =>
  `Run ${code(run)}, backup ${code(backup)}, anchor ${code(anchor ?? "none")}`

export const backupSummary = (backup: BackupManifest): string =>
  paragraphs([
    "## Keysweep: backup",
    `Settings of ${backup.keys.length} keys of ${code(backup.account)}, encrypted for ${backup.recipients.length} recipients, ${backup.bytes} bytes.`,
    `Backup ${code(backup.id)}, SHA-256 ${code(backup.sha256)}`
  ])

export const scanSummary = (report: ScanReport): string =>
  paragraphs([
    "## Keysweep: scan",
    `${report.findings.length} places with a secret, in ${report.files} files${report.blobs === null ? "" : ` and ${report.blobs} older versions`}.`,
    report.complete ? "" : `**Not everything was searched:** ${report.unscanned.length} files or folders could not be.`,
    table(
      ["Where", "What"],
      report.findings.map((it) => [
        code(
          `${it.commit === null ? "" : `${it.commit.slice(0, 10)}:`}${it.path}${it.line === null ? "" : `:${it.line}`}`,
          200
        ),
        escaped(whatWasFound(it))
      ])
    ),
    table(
      ["Not searched", "Why"],
      report.unscanned.map(({ path, reason }) => [code(path, 200), escaped(reason)])
    )
  ])

export const dueSummary = (report: DueReport, names: boolean): string =>
  paragraphs([
    `## Keysweep: run-due, ${report.outcome}`,
    ...report.receipts.map((receipt) => receiptSummary(receipt, names)),
    table(
      [...nameHead(names), "Key", "What was seen"],
      [
        ...report.alarms.map((it) => [...nameCell(it.name, names), code(it.id), `**alarm:** ${escaped(it.why)}`]),
        ...report.ended.map((it) => [...nameCell(it.name, names), code(it.id), escaped(it.how)])
      ]
    ),
    table(
      ["Due and not done, of run", "Why"],
      report.waiting.map(({ outcome, run, why }) => [code(run), names ? escaped(why) : outcome])
    ),
    table(
      [...nameHead(names), "Soaking", "Until"],
      report.soaking.keys.map((it) => [...nameCell(it.name, names), code(it.id), time(it.until)])
    )
  ])

/** Who approved on GitHub, and what is wrong with it. */
export const approvalSummary = (approvers: ReadonlyArray<string>, warnings: ReadonlyArray<string>): string =>
  paragraphs([
    approvers.length === 0
      ? "Nobody approved this run on GitHub."
      : `Approved on GitHub by ${approvers.map((it) => code(it)).join(", ")}.`,
    warnings.map((warning) => `- ${escaped(warning)}`).join("\n")
  ])

/** In words, with the key's id. */
export const whatWasFound = ({ key, kind, known, secret }: ScanFinding): string => {
  const what = {
    "proxy-key": `proxy key ${key ?? ""}${known ? "" : ", which the account does not have"}`,
    "master-key": known ? "the account's master key" : "what looks like a master key",
    "dev-key": "what looks like a Coding Plan key"
  }
  const how = { text: "", base64: ", in base64", name: ", in the name of this file" }
  return `${what[secret]}${how[kind]}`
}

export const logSummary = (line: string, sound: boolean, anchored: boolean): string =>
  paragraphs([
    "## Keysweep: verify-log",
    escaped(line),
    sound && !anchored ? "No anchor was given: a log that was put back to an older state looks the same." : ""
  ])

export const nothingSummary = (detail: string, names: boolean): string =>
  paragraphs(["## Keysweep: nothing to do", names ? escaped(detail) : ""])

export const checksTable = (gate: Plan["gate"], names: boolean): string =>
  gate.length === 0
    ? ""
    : paragraphs([
        "### Checks",
        table(
          ["Check", "Result", ...(names ? ["Detail"] : [])],
          gate.map(({ check, detail, result }) => [escaped(check), result, ...(names ? [escaped(detail)] : [])])
        )
      ])

export const leftTable = (title: string, skipped: Plan["skipped"], names: boolean): string =>
  skipped.length === 0
    ? ""
    : paragraphs([
        `### ${title}`,
        table(
          [...nameHead(names), "Key", ...(names ? ["Reason"] : [])],
          skipped.map(({ id, name, reason }) => [
            ...nameCell(name, names),
            code(id),
            ...(names ? [escaped(reason)] : [])
          ])
        )
      ])

/** Why a run ended early may quote somebody who speaks of keys. */
export const stoppedText = (stopped: string | null, names: boolean): string =>
  stopped === null ? "" : names ? `Stopped: ${escaped(stopped)}` : "Stopped early; the receipt says why."

export const nameHead = (names: boolean): ReadonlyArray<string> => (names ? ["Name"] : [])
export const nameCell = (name: string, names: boolean): ReadonlyArray<string> => (names ? [code(name, 60)] : [])

export const credits = (amount: Credit): string => String(Math.round(toCredits(amount) * 100) / 100)
export const time = (at: DateTime.Utc): string => `${DateTime.formatIso(at).slice(0, 16).replace("T", " ")} UTC`
const day = (at: DateTime.Utc): string => DateTime.formatIso(at).slice(0, 10)
