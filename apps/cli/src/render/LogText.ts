import { AuditEvent, type UnknownEvent } from "@keysweep/audit/Event"
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
  { title: "WHAT", shrinksTo: 30 }
]

export const logText = (records: ReadonlyArray<LogRecord>, style: Style, width: number): string =>
  table(
    columns,
    records.map((record) => [
      { text: String(record.seq), paint: style.dim },
      { text: DateTime.formatIso(record.at).replace("T", " ").slice(0, 19) },
      { text: oneLine(record.actor.name, 30) },
      { text: oneLine(record.surface, 12) },
      { text: oneLine(eventWords(record.event), 300) }
    ]),
    width,
    style.bold
  )

/** One event as a sentence. */
export const eventWords = (event: AuditEvent | UnknownEvent): string => {
  switch (event._tag) {
    case "LogStarted":
      return `log started, signed by ${event.key}`
    case "SignerAdded":
      return `signer added: ${event.key}`
    case "Recovered":
      return `records ${event.from} to ${event.to} signed after a crash: ${event.why}`
    case "LineSetAside":
      return `an unfinished line was set aside: ${event.file}`
    case "Checkpoint":
      return `checkpoint ${event.anchor} ${event.note ?? ""}`
    case "AccountRekeyed":
      return `the account ${event.from} is ${event.to}`
    case "MasterKeyPlanned":
      return `the master key is about to be replaced; the new one goes to ${event.sinks.join(", ")}`
    case "MasterKeyDelivered":
      return `the new master key is in ${event.sink} (${event.proof})`
    case "MasterKeyUndelivered":
      return `the new master key did not reach ${event.sink}: ${event.why}`
    case "RunStarted":
      return `run started: ${event.action} ${counted(event.keys.length, "key")}, plan ${short(event.plan)}${event.reason === null ? "" : `, because: ${event.reason}`}`
    case "KeyPlanned":
      return `about to change ${event.key.name} (${event.key.id})`
    case "RunFinished":
      return `run finished: ${event.outcome}`
    case "BackupTaken":
      return `settings of ${counted(event.keys.length, "key")} backed up: ${event.backup}`
    case "BackupMissing":
      return `no backup of ${counted(event.keys.length, "key")}: ${event.why}`
    case "Confirmed":
      return `plan ${short(event.plan)} confirmed (${event.how})`
    case "Approved":
      return `plan ${short(event.plan)} approved by ${event.approver.name}`
    case "ApprovalRefused":
      return `plan ${short(event.plan)} refused by ${event.approver.name}: ${event.why}`
    case "Refused":
      return `refused: ${event.what}: ${event.why}`
    case "NoticeSent":
      return `notice to ${event.to}: ${event.about}`
    case "CallIntended":
      return `about to send: ${event.intent.call} ${event.intent.key ?? counted(event.intent.keys?.length ?? 0, "key")}`
    case "CallSettled":
      return `answer: ${event.outcome.result} ${event.outcome.detail ?? ""}`
    case "CooldownSeen":
      return `the account is locked by its rate limit until ${DateTime.formatIso(event.until)}`
    case "KeyRetired":
      return `${event.key.name} (${event.key.id}) ${event.how}`
    case "KeyCreated":
      return event.old === null ? `key created: ${event.new}` : `key created: ${event.new}, in place of ${event.old}`
    case "ValuesPlanned":
      return `new values go to ${event.sinks.join(", ")}; allocation: ${event.credit} credit`
    case "ValueDelivered":
      return `the value of ${event.key} is in ${event.sink} (${event.proof})`
    case "ValueUndelivered":
      return `the value of ${event.key} did not reach ${event.sink}: ${event.why}`
    case "KeyValidated":
      return `${event.key} ${event.valid ? "works" : "was not seen to work"}: ${event.detail}`
    case "LeakReported":
      return `${event.key ?? "the master key"} reported as leaked by ${event.source}${event.detector === null ? "" : ` (${event.detector})`}${event.place === null ? "" : `: ${event.place}`}`
    case "SoakStarted":
      return `${event.key.name} (${event.key.id}) soaks until ${DateTime.formatIso(event.until)}, and is deleted then`
    case "SoakAlarmed":
      return `alarm: ${event.key} is not deleted by itself any more, because ${event.why}`
    case "SoakEnded":
      return `soak of ${counted(event.keys.length, "key")} ended: ${event.how}`
    case "Held":
      return `held: ${event.why}`
    case "HoldLifted":
      return `hold lifted: ${event.why}`
    case "PolicyApplied":
      return `settings in force: ${short(event.digest)}`
    case "Overridden":
      return `${event.check} overridden: ${event.reason}`
    case "Unknown":
      return `${event.was === "" ? "an event" : event.was} (of a newer version)`
  }
}

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

const short = (hash: string): string => hash.slice(0, 12)

export const verificationText = (verification: Verification, named: string, style: Style): string => {
  const account = oneLine(named, 60)
  if (!verification.ok) {
    return `${style.red("✗")} The log of ${account} does not verify: record ${verification.seq}: ${oneLine(verification.detail, 300)} (${verification.problem}).`
  }
  return verification.anchor === null
    ? `${style.green("✓")} The log of ${account} is empty: nothing was done yet.`
    : `${style.green("✓")} The log of ${account} verifies: ${counted(verification.records, "record")}, an unbroken chain with a signed end.\n  Anchor: ${verification.anchor}`
}
