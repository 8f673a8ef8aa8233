import type { AccountId } from "@keysweep/core/Account"
import { Chunk, Context, DateTime, Duration, Effect, Either, Layer, Option, Stream } from "effect"
import { Operator } from "./Actor.ts"
import { encodeBundleHeader } from "./Bundle.ts"
import { checkChain, type Verification } from "./Chain.ts"
import type { AuditEvent } from "./Event.ts"
import { decodeHead } from "./Head.ts"
import { anchorOf, decodeLine, envelopeOf, eventText, type LogRecord, maxLineBytes } from "./LogRecord.ts"
import { LogStore, LogUnavailable, type StoredLine } from "./LogStore.ts"
import { makeWriter } from "./LogWriter.ts"
import { machineClock, within } from "./MachineClock.ts"
import type { RunId } from "./RunId.ts"

export { LogUnavailable, type Verification }

export interface LogOptions {
  /** How long an append may take before it is refused, on the machine's own clock. 5 s by default. */
  readonly limit?: Duration.DurationInput | undefined
}

/** One account's append-only record, which is also what runs resume from. */
export class Log extends Context.Tag("@keysweep/audit/Log")<
  Log,
  {
    readonly account: AccountId
    /**
     * Durable when it returns, and it returns within the limit. After a failure the record may be there all the same (a
     * write that hung may end later): reading settles that; a repetition would say it twice.
     */
    readonly append: (event: AuditEvent, run?: RunId) => Effect.Effect<LogRecord, LogUnavailable>
    readonly records: Effect.Effect<ReadonlyArray<LogRecord>, LogUnavailable>
    /**
     * The records after `seq`, ours among them, if somebody else has written there before our last append; otherwise
     * none, and without a look at the store.
     */
    readonly heard: (seq: number) => Effect.Effect<ReadonlyArray<LogRecord>, LogUnavailable>
    /** The same, for logs that are not to be held in memory as a whole. */
    readonly stream: Stream.Stream<LogRecord, LogUnavailable>
    /** `seq:hash` of the newest record, `null` for an empty log. */
    readonly anchor: Effect.Effect<string | null, LogUnavailable>
    /** The log as lines of one file that verifies offline with `openBundle`; a line break ends each. */
    readonly bundle: Stream.Stream<string, LogUnavailable>
    /** Reads everything and changes nothing. `anchor`: one that was handed out earlier. */
    readonly verify: (anchor?: string) => Effect.Effect<Verification, LogUnavailable>
  }
>() {
  static readonly layer = (
    account: AccountId,
    options: LogOptions = {}
  ): Layer.Layer<Log, LogUnavailable, LogStore | Operator> => Layer.scoped(Log, make(account, options))
}

const make = (account: AccountId, options: LogOptions) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    const { actor, surface } = yield* Operator
    const limit = Duration.decode(options.limit ?? "5 seconds")
    const { foreign, write } = yield* makeWriter({ account, store, limit })
    const reader = yield* store.open(account)
    const head = within(reader.head, () => hanging)

    const append = (event: AuditEvent, run?: RunId) =>
      Effect.gen(function* () {
        const text = eventText(event)
        if (Buffer.byteLength(text) > maxLineBytes - 4096) {
          return yield* new LogUnavailable({ detail: "the record is larger than 1 MiB" })
        }
        return yield* write({ at: yield* DateTime.now, run: run ?? null, actor, surface, event: text })
      }).pipe(Effect.withSpan("Log.append", { attributes: { event: event._tag }, captureStackTrace: false }))

    const from = (seq: number) =>
      reader.lines(seq).pipe(
        Stream.filter((line) => !line.torn),
        Stream.mapChunksEffect((chunk) => Either.mapLeft(decodeAll(chunk), unreadable))
      )
    const stream = from(0)

    const heard = (seq: number) =>
      Effect.flatMap(foreign, (newest) =>
        newest <= seq
          ? Effect.succeed([])
          : Effect.map(Stream.runCollect(from(seq + 1)), (found) =>
              Chunk.toReadonlyArray(found).filter((record) => record.seq > seq)
            )
      )

    const anchor = Effect.gen(function* () {
      const head = yield* readHead
      const from = Option.match(head, { onNone: () => 0, onSome: (it) => it.seq })
      const last = yield* Stream.runLast(Stream.filter(reader.lines(from), (line) => !line.torn))
      return Option.getOrNull(
        Option.map(
          Option.flatMap(last, (line) => envelopeOf(line.text)),
          anchorOf
        )
      )
    })

    const readHead = Effect.map(head, (text) => (text === null ? Option.none() : decodeHead(text)))

    const bundle = Stream.unwrap(
      Effect.gen(function* () {
        // The head comes first: what is added while we read is then beyond it, and left out.
        const head = Option.getOrNull(yield* readHead)
        const exportedAt = yield* DateTime.now
        const header = encodeBundleHeader({ schema: "keysweep.log-bundle/1", account, exportedAt, head })
        const lines = reader.lines(0).pipe(
          Stream.filter((line) => !line.torn),
          Stream.map((line) => line.text)
        )
        const signed = head === null ? lines : Stream.take(lines, head.seq)
        return Stream.map(Stream.concat(Stream.succeed(header), signed), (line) => `${line}\n`)
      })
    )

    const verifyOnce = (anchored: string | undefined) =>
      Effect.gen(function* () {
        const check = checkChain({ account, anchor: anchored })
        let torn = false
        yield* Stream.runForEachChunk(reader.lines(0), (chunk) =>
          Effect.sync(() => {
            for (const line of chunk) {
              torn ||= line.torn
              if (!line.torn) check.next(line.text)
            }
          })
        )
        return check.end(yield* readHead, torn)
      })

    /** Nobody is locked out while we read: where somebody wrote meanwhile, lines and head may not fit, so look again. */
    const verify = (anchored?: string): Effect.Effect<Verification, LogUnavailable> =>
      Effect.gen(function* () {
        for (let again = 0; again < 5; again++) {
          const before = yield* head
          const result = yield* verifyOnce(anchored)
          if (result.ok) return result
          yield* Effect.withClock(Effect.sleep("20 millis"), machineClock)
          if (before === (yield* head)) return result
        }
        return yield* verifyOnce(anchored)
      }).pipe(Effect.withSpan("Log.verify"))

    return Log.of({
      account,
      append,
      records: Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray),
      heard,
      stream,
      anchor,
      bundle,
      verify
    })
  })

const decodeAll = (lines: Chunk.Chunk<StoredLine>): Either.Either<Chunk.Chunk<LogRecord>, string> => {
  const records: Array<LogRecord> = []
  for (const line of lines) {
    const record = decodeLine(line.text)
    if (Either.isLeft(record)) return Either.left(record.left)
    records.push(record.right)
  }
  return Either.right(Chunk.unsafeFromArray(records))
}

const hanging = new LogUnavailable({ detail: "its head cannot be read within 5 s; the disk hangs" })

const unreadable = (detail: string): LogUnavailable =>
  new LogUnavailable({ detail: `it cannot be read (${detail}); "log verify" says where` })
