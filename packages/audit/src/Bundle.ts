import { canonicalJson } from "@keysweep/core/Canonical"
import { isUtf8 } from "node:buffer"
import { DateTime, Either, Option, Schema } from "effect"
import { checkChain, type Flaw, type Verification } from "./Chain.ts"
import { Head } from "./Head.ts"
import { decodeLine, type LogRecord } from "./LogRecord.ts"

/**
 * A log as one file that verifies on its own, offline: the first line is this header, then come the records, each byte
 * for byte as it is in the log.
 */
export const BundleHeader = Schema.Struct({
  schema: Schema.Literal("keysweep.log-bundle/1"),
  account: Schema.String,
  exportedAt: Schema.DateTimeUtc,
  /** The signed head; it names the public key. */
  head: Schema.NullOr(Head)
})
export type BundleHeader = typeof BundleHeader.Type

export const encodeBundleHeader = (header: BundleHeader): string =>
  canonicalJson(Schema.encodeSync(BundleHeader)(header))

export interface OpenBundle {
  readonly header: BundleHeader
  readonly verification: Verification
  /** As far as the bundle is sound. */
  readonly records: ReadonlyArray<LogRecord>
}

/** Whether the log may be believed, and by whose word. */
export interface BundleTrust {
  /** `seq:hash`, handed out earlier. */
  readonly anchor?: string | undefined
  /** Public keys of which one must have begun the log; absent: any key, and the verification says which it was. */
  readonly trusted?: ReadonlyArray<string> | undefined
}

/** Reads and verifies a bundle. The failure says why the file is none; a bundle that was tampered with opens, with its flaw. */
export const openBundle = (content: Uint8Array, trust: BundleTrust = {}): Either.Either<OpenBundle, string> => {
  if (!isUtf8(content)) return Either.left("it is not UTF-8 text")
  const lines = Buffer.from(content).toString("utf8").split("\n")
  const torn = lines.pop() !== ""
  return Either.map(
    Either.mapLeft(decodeHeader(lines[0] ?? ""), () => "it does not begin like a bundle of a log"),
    (header) => {
      const check = checkChain({ account: header.account, anchor: trust.anchor, trusted: trust.trusted })
      const records: Array<LogRecord> = []
      for (const line of lines.slice(1)) {
        if (!check.next(line) || !check.sound()) continue
        const record = decodeLine(line)
        if (Either.isRight(record)) records.push(record.right)
      }
      return { header, verification: check.end(Option.fromNullable(header.head), torn), records }
    }
  )
}

export interface TimelineEntry {
  /** What the caller calls the log it came from. */
  readonly source: string
  readonly record: LogRecord
}

/** What a timeline is made of, and what it is silent about. */
export interface Coverage {
  readonly source: string
  readonly account: string
  readonly records: number
  readonly from: DateTime.Utc | null
  readonly to: DateTime.Utc | null
  readonly signer: string | null
  /** Where this log stops being what was written; what comes after is left out. */
  readonly flaw: Flaw | null
}

/**
 * Several logs as one, by time; within a log the order of the log holds, whatever its clocks say. Of a log that was
 * tampered with only the sound beginning is used, and the coverage says so.
 */
export const joinTimeline = (
  bundles: ReadonlyArray<{ readonly source: string; readonly bundle: OpenBundle }>
): { readonly entries: ReadonlyArray<TimelineEntry>; readonly coverage: ReadonlyArray<Coverage> } => {
  const dated = bundles.flatMap(({ bundle, source }) => {
    // A clock that was set back must not move a record before the one it follows.
    let latest = -Infinity
    return bundle.records.map((record) => {
      latest = Math.max(latest, DateTime.toEpochMillis(record.at))
      return { time: latest, entry: { source, record } }
    })
  })
  return {
    entries: dated.sort((a, b) => a.time - b.time).map(({ entry }) => entry),
    coverage: bundles.map(({ bundle, source }) => ({
      source,
      account: bundle.header.account,
      records: bundle.records.length,
      from: bundle.records[0]?.at ?? null,
      to: bundle.records.at(-1)?.at ?? null,
      signer: bundle.verification.ok ? bundle.verification.signer : null,
      flaw: bundle.verification.ok ? null : bundle.verification
    }))
  }
}

const decodeHeader = Schema.decodeUnknownEither(Schema.parseJson(BundleHeader))
