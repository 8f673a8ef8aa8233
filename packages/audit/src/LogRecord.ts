import { AccountId } from "@keysweep/core/Account"
import { canonicalJson } from "@keysweep/core/Canonical"
import { jsonWithoutSecrets, withoutSecrets } from "@keysweep/core/SafeText"
import { createHash } from "node:crypto"
import { DateTime, Either, Option, Schema } from "effect"
import { Actor, Surface } from "./Actor.ts"
import { AuditEvent, type UnknownEvent } from "./Event.ts"
import { RunId } from "./RunId.ts"

/** What a record says, before it has its place in the chain. */
export interface Entry {
  readonly at: DateTime.Utc
  readonly run: RunId | null
  readonly actor: Actor
  readonly surface: Surface
  /** Canonical JSON of the event, without anything that looks like a secret. */
  readonly event: string
}

export interface LogRecord {
  /** 1 for the first record; no gaps. */
  readonly seq: number
  /** When it was asked for, by the clock of whoever asked: across processes it need not grow. */
  readonly at: DateTime.Utc
  readonly account: AccountId
  readonly run: RunId | null
  /** The number of the lease under which it was written; `null` outside a lease. */
  readonly fence: number | null
  readonly actor: Actor
  /** A surface that this version does not know is kept as text. */
  readonly surface: string
  readonly event: AuditEvent | UnknownEvent
  /** `hash` of the record before; 64 zeros in the first. */
  readonly prev: string
  readonly hash: string
}

/** The last place of a chain. */
export interface Tip {
  readonly seq: number
  readonly hash: string
}

export const origin: Tip = { seq: 0, hash: "0".repeat(64) }

/** No line of a log is longer, in bytes: a reader of a hostile file stops there. */
export const maxLineBytes = 1_048_576

export interface Written {
  readonly line: string
  readonly tip: Tip
}

/** Text of an event for an {@link Entry}. Throws on what JSON cannot say (`NaN`): a mistake of the caller. */
export const eventText = (event: AuditEvent): string => canonicalJson(jsonWithoutSecrets(encodeEvent(event)))

/** Puts an entry at the next place of a chain, as canonical JSON (RFC 8785): members in order, no white space. */
export const link = (account: AccountId, tip: Tip, entry: Entry, fence: number | null): Written => {
  const actor = canonicalJson({ name: withoutSecrets(entry.actor.name), authenticated: entry.actor.authenticated })
  const at = DateTime.formatIso(entry.at)
  const before = `{"account":"${account}","actor":${actor},"at":"${at}","event":${entry.event},"fence":${fence}`
  const after = `,"prev":"${tip.hash}","run":${JSON.stringify(entry.run)},"seq":${tip.seq + 1},"surface":"${entry.surface}"}`
  const hash = sha256(before + after)
  return { line: `${before},"hash":"${hash}"${after}`, tip: { seq: tip.seq + 1, hash } }
}

/** The record that {@link link} has just written, as a reader would see it. */
export const recordOf = (
  account: AccountId,
  before: Tip,
  entry: Entry,
  fence: number | null,
  place: Tip
): LogRecord => ({
  ...place,
  account,
  at: entry.at,
  run: entry.run,
  fence,
  actor: { ...entry.actor, name: withoutSecrets(entry.actor.name) },
  surface: entry.surface,
  event: decodeEvent(JSON.parse(entry.event)),
  prev: before.hash
})

/**
 * The place that a line claims, and the hash that it really has: over its bytes without the member `hash`.
 *
 * Only members without nested values follow `hash` in canonical order, so its last occurrence is the record's own.
 */
export const hashOfLine = (line: string): Option.Option<string> => {
  const at = line.lastIndexOf(',"hash":"')
  const rest = line.slice(at + 9 + 64)
  return at > 0 && rest.startsWith('","prev":"')
    ? Option.some(sha256(line.slice(0, at) + rest.slice(1)))
    : Option.none()
}

/** The fields that the chain is made of; what is in the event does not matter to it. */
export interface Envelope {
  readonly seq: number
  readonly account: string
  readonly prev: string
  readonly hash: string
  readonly event: unknown
  readonly at?: unknown
  readonly run?: unknown
  readonly fence?: unknown
  readonly actor?: unknown
  readonly surface?: unknown
}

export const envelopeOf = (line: string): Option.Option<Envelope> =>
  Option.flatMap(parseJson(line), (value) => (isEnvelope(value) ? Option.some(value) : Option.none()))

/** Reads one line. The failure is safe text. An event that this version does not know is kept as `Unknown`. */
export const decodeLine = (line: string): Either.Either<LogRecord, string> =>
  Option.match(parseJson(line), {
    onNone: () => Either.left("the line is not JSON"),
    onSome: (value) => Either.fromOption(recordIn(value), () => "the line is not a record of the log")
  })

export const anchorOf = (tip: Tip): string => `${tip.seq}:${tip.hash}`

export const decodeEvent = (raw: unknown): AuditEvent | UnknownEvent =>
  Either.getOrElse(decodeKnown(raw), () => ({ _tag: "Unknown" as const, was: tagOf(raw), raw }))

/** The event's tag without decoding it; empty if there is none. */
export const tagOf = (raw: unknown): string =>
  typeof raw === "object" && raw !== null && "_tag" in raw && typeof raw._tag === "string" ? raw._tag : ""

/** By hand, because a long log is read often: a schema takes twice as long for the same answer. */
const recordIn = (value: unknown): Option.Option<LogRecord> => {
  if (!isEnvelope(value) || !isAccountId(value.account) || !Number.isSafeInteger(value.seq) || value.seq < 1)
    return Option.none()
  const { account, event, hash, prev, seq } = value
  const { actor, at, fence, run, surface } = value
  if (typeof at !== "string" || typeof surface !== "string") return Option.none()
  if (!isActor(actor) || !(fence === null || typeof fence === "number") || !(run === null || isRunId(run)))
    return Option.none()
  return Option.map(DateTime.make(at), (time) => ({
    seq,
    at: DateTime.toUtc(time),
    account,
    run,
    fence,
    actor: { name: actor.name, authenticated: actor.authenticated },
    surface,
    event: decodeEvent(event),
    prev,
    hash
  }))
}

/** One record after another is of the same account, and mostly of the same run: the last answer is kept. */
const remembering = <A>(is: (value: unknown) => value is A): ((value: unknown) => value is A) => {
  let last: unknown
  return (value): value is A => {
    if (value === last) return true
    const answer = is(value)
    if (answer) last = value
    return answer
  }
}

const isAccountId = remembering(Schema.is(AccountId))
const isRunId = remembering(Schema.is(RunId))
const isActor = Schema.is(Actor)
const decodeKnown = Schema.decodeUnknownEither(AuditEvent)
const encodeEvent = Schema.encodeSync(AuditEvent)

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex")

const parseJson = (line: string): Option.Option<unknown> =>
  Option.liftThrowable((text: string): unknown => JSON.parse(text))(line)

const isEnvelope = (value: unknown): value is Envelope =>
  typeof value === "object" &&
  value !== null &&
  "seq" in value &&
  typeof value.seq === "number" &&
  "account" in value &&
  typeof value.account === "string" &&
  "prev" in value &&
  typeof value.prev === "string" &&
  "hash" in value &&
  typeof value.hash === "string" &&
  "event" in value
