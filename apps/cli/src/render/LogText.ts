import { AuditEvent } from "@keysweep/audit/Event"
import { eventWords } from "@keysweep/audit/EventWords"
import type { Verification } from "@keysweep/audit/Chain"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { oneLine } from "@keysweep/core/SafeText"
import type { AccountId } from "@keysweep/core/Account"
import { DateTime, Schema } from "effect"
import type { Style } from "./Style.ts"
import { type Column, table } from "./Table.ts"
import { counted } from "./Words.ts"

const columns: ReadonlyArray<Column> = [
  { title: "#", right: true },
  { title: "WHEN (UTC)" },
  { title: "WHO", shrinksTo: 8, drop: 1 },
  { title: "BY", drop: 2 },
  { title: "WHAT", shrinksTo: 30, wraps: true }
]

export const logText = (records: ReadonlyArray<LogRecord>, style: Style, width: number): string =>
  table(
    columns,
    records.map((record) => [
      { text: String(record.seq), paint: style.dim },
      { text: DateTime.formatIso(record.at).replace("T", " ").slice(0, 19) },
      { text: oneLine(record.actor.name, 30) },
      { text: oneLine(record.surface, 12) },
      { text: oneLine(eventWords(record.event), 600) }
    ]),
    width,
    style.bold
  )

/** `keysweep.log/1`: the records as they stand in the log. */
export const logDocument = (account: AccountId, records: ReadonlyArray<LogRecord>) => ({
  schema: "keysweep.log/1",
  account,
  records: records.map(recordDocument)
})

export const recordDocument = ({ account, actor, at, event, fence, hash, prev, run, seq, surface }: LogRecord) => ({
  seq,
  at: DateTime.formatIso(at),
  account,
  run,
  fence,
  actor,
  surface,
  event: event._tag === "Unknown" ? event.raw : Schema.encodeSync(AuditEvent)(event),
  prev,
  hash
})

export const verificationText = (verification: Verification, named: string, style: Style): string => {
  const account = oneLine(named, 60)
  if (!verification.ok) {
    return `${style.red("✗")} The log of ${account} does not verify: record ${verification.seq}: ${oneLine(verification.detail, 300)} (${verification.problem}).`
  }
  return verification.anchor === null
    ? `${style.green("✓")} The log of ${account} is empty: nothing was done yet.`
    : `${style.green("✓")} The log of ${account} verifies: ${counted(verification.records, "record")}, an unbroken chain with a signed end.\n  Anchor: ${verification.anchor}`
}
