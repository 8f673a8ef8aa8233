import { DateTime } from "effect"
import type { AuditEvent, UnknownEvent } from "./Event.ts"

/** One event as a sentence. It may hold foreign text: whoever shows it makes one line of it. */
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
      return `${heldWords(event)} held: ${event.why}`
    case "HoldLifted":
      return `hold of ${heldWords(event)} lifted: ${event.why}`
    case "PolicyApplied":
      return `settings in force: ${short(event.digest)}`
    case "Overridden":
      return `${event.check} overridden: ${event.reason}`
    case "Unknown":
      return `${event.was === "" ? "an event" : event.was} (of a newer version)`
  }
}

const heldWords = ({ key, plan }: { readonly key?: string | undefined; readonly plan: string | null }): string =>
  key ?? (plan === null ? "the account" : `plan ${short(plan)}`)

const short = (hash: string): string => hash.slice(0, 12)

const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`
