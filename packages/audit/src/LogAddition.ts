import type { AccountId } from "@keysweep/core/Account"
import { Effect, Option, Stream } from "effect"
import { type ChainCheck, checkChain, type Verification } from "./Chain.ts"
import { type AuditEvent, LogStarted, Recovered } from "./Event.ts"
import { decodeHead, encodeHead, isHeadSigned, type Signer, signHead } from "./Head.ts"
import { type Entry, eventText, link, type LogRecord, recordOf, type Tip } from "./LogRecord.ts"
import { type Addition, LogUnavailable, type StoredLog, type StoredTip } from "./LogStore.ts"

/** At most so many records are written at once, so at most so many can be unsigned after a crash. */
export const groupSize = 64

export interface LinkedAddition extends Addition {
  /** Those that were asked for, in their order; the log's own remarks are not among them. */
  readonly records: ReadonlyArray<LogRecord>
}

/**
 * The next lines of a log and the head over them, or the reason why this log must not be written to: its end is not what
 * its head says, or its head is not by a signer of it.
 *
 * @param trusted a head that this process wrote itself, or has checked
 */
export const addition = (options: {
  readonly account: AccountId
  readonly signer: Signer
  readonly log: StoredLog
  readonly found: StoredTip
  readonly trusted: string | null
  readonly entries: ReadonlyArray<Entry>
}): Effect.Effect<LinkedAddition, LogUnavailable> =>
  Effect.gen(function* () {
    const { account, entries, found, log, signer } = options
    const first = entries[0]
    if (first === undefined) return yield* Effect.dieMessage("an addition needs an entry")
    const remarks = yield* remarksOn(options)
    const own = remarks.map((event): Entry => ({ ...first, run: null, event: eventText(event) }))
    const lines: Array<string> = []
    const records: Array<LogRecord> = []
    const runs = new Set(entries.flatMap((it) => (it.run === null ? [] : [it.run])))
    const fences = new Map(
      yield* Effect.forEach(runs, (run) => Effect.map(log.fence(run), (fence) => [run, fence] as const))
    )
    let tip: Tip = found.tip
    for (const entry of [...own, ...entries]) {
      const fence = entry.run === null ? null : (fences.get(entry.run) ?? null)
      const written = link(account, tip, entry, fence)
      lines.push(written.line)
      if (lines.length > own.length) records.push(recordOf(account, tip, entry, fence, written.tip))
      tip = written.tip
    }
    const last = tip
    return { lines, tip, records, head: () => encodeHead(signHead(signer, account, last)) }
  })

const remarksOn = (options: Parameters<typeof addition>[0]): Effect.Effect<ReadonlyArray<AuditEvent>, LogUnavailable> =>
  Effect.gen(function* () {
    const { found, signer, trusted } = options
    if (found.tip.seq === 0 && found.head === null) return [LogStarted.make({ key: signer.key }), ...found.notes]
    if (found.head !== null && found.head === trusted) return found.notes
    const head = found.head === null ? Option.none() : decodeHead(found.head)
    const mine = Option.exists(
      head,
      (it) =>
        it.key === signer.key &&
        it.account === options.account &&
        it.seq === found.tip.seq &&
        it.hash === found.tip.hash &&
        isHeadSigned(it)
    )
    if (mine) return found.notes
    const { check, result } = yield* readWhole(options.log, options.account, found.head)
    if (!result.ok && !isLag(result, found.tip)) {
      return yield* new LogUnavailable({
        detail: `the log is not what was written (record ${result.seq}: ${result.detail}). Look at it with "log verify"; nothing is added to it`
      })
    }
    if (!check.signers().includes(signer.key)) {
      return yield* new LogUnavailable({
        detail:
          "the log was begun with another signing key. Use that key (KEYSWEEP_SIGNING_KEY, or the file signing-key), or have it add this one"
      })
    }
    if (result.ok) return found.notes
    return [
      ...found.notes,
      Recovered.make({ from: result.seq, to: found.tip.seq, why: "not signed before the process ended" })
    ]
  })

/** A crash leaves at most one addition unsigned; more than that was not left by a crash. */
const isLag = (result: Verification, tip: Tip): boolean =>
  !result.ok && result.problem === "unsigned" && tip.seq - result.seq < 2 * groupSize

const readWhole = (
  log: StoredLog,
  account: AccountId,
  head: string | null
): Effect.Effect<{ readonly check: ChainCheck; readonly result: Verification }, LogUnavailable> =>
  Effect.gen(function* () {
    const check = checkChain({ account })
    yield* Stream.runForEachChunk(log.lines(0), (chunk) =>
      Effect.sync(() => {
        for (const line of chunk) if (!line.torn) check.next(line.text)
      })
    )
    return { check, result: check.end(head === null ? Option.none() : decodeHead(head), false) }
  })
