import { CallIntent, CallOutcome } from "@keysweep/core/Journal"
import { AccountId } from "@keysweep/core/Account"
import { LimitType, NewSettings } from "@keysweep/core/KeySettings"
import { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"
import { Actor, Origin } from "./Actor.ts"

/**
 * What a record can say. Each event has a version of its own: a reader that does not know the version keeps the event as
 * `Unknown`, so old programs read and verify the logs of newer ones.
 */
const event = <Tag extends string, Fields extends Schema.Struct.Fields>(tag: Tag, fields: Fields) =>
  Schema.TaggedStruct(tag, {
    v: Schema.Literal(1).pipe(
      Schema.propertySignature,
      Schema.withConstructorDefault(() => 1 as const)
    ),
    ...fields
  })

/** Credits as a plain number, `null` where nobody could know. */
const Credits = Schema.NullOr(Schema.Number)
const Keys = Schema.Array(KeyId)

/** First record of every log: `key` is the public key (`ed25519:` and base64) that signs its head. */
export const LogStarted = event("LogStarted", { key: Schema.String })
/** `sig`: by `by`, a signer already, over the new key and the account (docs/audit-log.md). */
export const SignerAdded = event("SignerAdded", { key: Schema.String, by: Schema.String, sig: Schema.String })
/** The head was behind after a crash, by the records `from` to `to`; this record's head signs them too. */
export const Recovered = event("Recovered", { from: Schema.Int, to: Schema.Int, why: Schema.String })
/** An unfinished last line was moved to `file`, beside the log. `sha256` is of its bytes. */
export const LineSetAside = event("LineSetAside", { file: Schema.String, bytes: Schema.Int, sha256: Schema.String })
export const Checkpoint = event("Checkpoint", { anchor: Schema.String, note: Schema.optional(Schema.String) })
export const AccountRekeyed = event("AccountRekeyed", { from: AccountId, to: AccountId })

/** The master key whose hash is `credential` is about to be replaced; its successor goes to `sinks`. */
export const MasterKeyPlanned = event("MasterKeyPlanned", {
  credential: AccountId,
  sinks: Schema.Array(Schema.String),
  reason: Schema.NullOr(Schema.String)
})
export const MasterKeyDelivered = event("MasterKeyDelivered", {
  sink: Schema.String,
  proof: Schema.Literal("read back", "accepted")
})
export const MasterKeyUndelivered = event("MasterKeyUndelivered", { sink: Schema.String, why: Schema.String })

/** `plan` is the plan's hash, `digest` what it has in common with the same plan from another surface. */
export const RunStarted = event("RunStarted", {
  plan: Schema.String,
  digest: Schema.String,
  action: Schema.String,
  keys: Keys,
  reason: Schema.NullOr(Schema.String),
  /** The workflow in which it began. */
  origin: Schema.optional(Origin),
  /** Every other run of the account stops before its next call. */
  panic: Schema.optional(Schema.Boolean),
  /** Keys that were asked for and cannot be done, and why. */
  refused: Schema.optional(Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String, reason: Schema.String })))
})
/**
 * A planned key as it was before the run: what a resumed run goes by, and what remains of the key if it is the last.
 * `becomes`: the settings that it is to have, where the run changes settings. `soakSeconds`: it is to be deleted once it
 * has been disabled for so long, by the clock of an unscaled account.
 */
export const KeyPlanned = event("KeyPlanned", {
  key: ProxyKey,
  becomes: Schema.optional(NewSettings),
  soakSeconds: Schema.optional(Schema.Number)
})
export const RunFinished = event("RunFinished", {
  outcome: Schema.String,
  keys: Schema.Array(Schema.Struct({ id: KeyId, outcome: Schema.String })),
  creditExpected: Credits,
  creditObserved: Credits
})
/** `backup` is the backup's id, `sha256` of the encrypted file. */
export const BackupTaken = event("BackupTaken", {
  backup: Schema.String,
  sha256: Schema.String,
  keys: Keys,
  recipients: Schema.Array(Schema.String)
})
/** A panic that went on without a backup, and why there is none. */
export const BackupMissing = event("BackupMissing", { keys: Keys, why: Schema.String })
/** `soak`: what was confirmed, and approved, is the plan `under`, which disabled the keys and said that they would go. */
export const Confirmed = event("Confirmed", {
  plan: Schema.String,
  how: Schema.Literal("typed", "hash", "automatic", "soak"),
  under: Schema.optional(Schema.String)
})
export const Approved = event("Approved", { plan: Schema.String, approver: Actor })
export const ApprovalRefused = event("ApprovalRefused", { plan: Schema.String, approver: Actor, why: Schema.String })
export const Refused = event("Refused", { what: Schema.String, why: Schema.String })
export const NoticeSent = event("NoticeSent", {
  plan: Schema.NullOr(Schema.String),
  to: Schema.String,
  about: Schema.String
})

export const CallIntended = event("CallIntended", { id: Schema.String, intent: CallIntent })
export const CallSettled = event("CallSettled", { id: Schema.String, outcome: CallOutcome })
export const CooldownSeen = event("CooldownSeen", { until: Schema.DateTimeUtc })

/** What remains of a key: everything but its secret, whose hash is the id. */
export const KeyRetired = event("KeyRetired", {
  key: ProxyKey,
  how: Schema.Literal("disabled", "deleted"),
  owner: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String)
})
export const KeyCreated = event("KeyCreated", { old: Schema.NullOr(KeyId), new: KeyId })
/** Before a run that makes keys: what they get, and where their values go. Times in milliseconds. */
export const ValuesPlanned = event("ValuesPlanned", {
  sinks: Schema.Array(Schema.String),
  credit: Schema.Literal("remaining", "original"),
  limitType: Schema.NullOr(LimitType),
  wait: Schema.Number,
  soak: Schema.Number
})
/** The value of a new key has reached a sink, or has not; never the value. */
export const ValueDelivered = event("ValueDelivered", {
  key: KeyId,
  sink: Schema.String,
  proof: Schema.Literal("read back", "accepted")
})
export const ValueUndelivered = event("ValueUndelivered", { key: KeyId, sink: Schema.String, why: Schema.String })
/** What the upstream said to a new key that asked whether it works. */
export const KeyValidated = event("KeyValidated", { key: KeyId, valid: Schema.Boolean, detail: Schema.String })

/** Who says that a key has leaked: somebody with its value in hand, or the report of a program. */
export const LeakSource = Schema.Literal("typed", "trufflehog", "ggshield", "github")
export type LeakSource = typeof LeakSource.Type
/** A key of the account was found where it should not be; `null`: its master key. `place`: `path:line`, and of what. */
export const LeakReported = event("LeakReported", {
  key: Schema.NullOr(KeyId),
  source: LeakSource,
  detector: Schema.NullOr(Schema.String),
  place: Schema.NullOr(Schema.String)
})

/** The key as a reading showed it disabled, and the moment from which on it is to be deleted. */
export const SoakStarted = event("SoakStarted", { key: ProxyKey, until: Schema.DateTimeUtc })
/** Whoever watches has seen that somebody misses the key: it is not deleted by itself any more. */
export const SoakAlarmed = event("SoakAlarmed", { key: KeyId, why: Schema.String })
export const SoakEnded = event("SoakEnded", { keys: Keys, how: Schema.String })
/** Of one key, of one plan, or (with neither) of the whole account. */
const held = { plan: Schema.NullOr(Schema.String), key: Schema.optional(KeyId), why: Schema.String }
export const Held = event("Held", held)
export const HoldLifted = event("HoldLifted", held)
/** The settings under which runs of this account take place from here on, as plain data, and their digest. */
export const PolicyApplied = event("PolicyApplied", { digest: Schema.String, policy: Schema.Unknown })
export const Overridden = event("Overridden", { check: Schema.String, reason: Schema.String })

export const AuditEvent = Schema.Union(
  LogStarted,
  SignerAdded,
  Recovered,
  LineSetAside,
  Checkpoint,
  AccountRekeyed,
  MasterKeyPlanned,
  MasterKeyDelivered,
  MasterKeyUndelivered,
  RunStarted,
  KeyPlanned,
  RunFinished,
  BackupTaken,
  BackupMissing,
  Confirmed,
  Approved,
  ApprovalRefused,
  Refused,
  NoticeSent,
  CallIntended,
  CallSettled,
  CooldownSeen,
  KeyRetired,
  KeyCreated,
  ValuesPlanned,
  ValueDelivered,
  ValueUndelivered,
  KeyValidated,
  LeakReported,
  SoakStarted,
  SoakAlarmed,
  SoakEnded,
  Held,
  HoldLifted,
  PolicyApplied,
  Overridden
)
export type AuditEvent = typeof AuditEvent.Type

/** An event of a newer program: kept as it was written. */
export interface UnknownEvent {
  readonly _tag: "Unknown"
  /** The tag it was written with; empty if it has none. */
  readonly was: string
  readonly raw: unknown
}
