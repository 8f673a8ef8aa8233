import type { Verification } from "@keysweep/audit/Chain"
import { eventWords } from "@keysweep/audit/EventWords"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { csv } from "@keysweep/core/Csv"
import { oneLine } from "@keysweep/core/SafeText"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Array as Arr, DateTime, Effect } from "effect"
import { type Block, header, type Message, message, mostRows, plain, rows } from "../Blocks.ts"
import type { Reply, TextFile } from "../Reply.ts"
import { counted, moment } from "../Words.ts"

/** What was done on the account, newest first. Without a request. */
export const log: Effect.Effect<Reply, SweepError, Sweep> = Effect.gen(function* () {
  const sweep = yield* Sweep
  const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
  return {
    _tag: "Private",
    message: logMessage(records),
    file: records.length > mostRows ? logFile(records) : undefined
  }
})

/** Checks the log from its first record to its signed last. */
export const verify = (anchor: string | null): Effect.Effect<Reply, SweepError, Sweep> =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const verification = yield* sweep.books(Effect.flatMap(Log, (log) => log.verify(anchor ?? undefined)))
    return { _tag: "Private", message: verificationMessage(verification) }
  })

export const logMessage = (records: ReadonlyArray<LogRecord>): Message => {
  const title = records.length === 0 ? "Nothing was done yet" : counted(records.length, "record")
  return message(`${title}.`, [header(title), ...recordRows(records)])
}

/** Newest first. */
export const recordRows = (records: ReadonlyArray<LogRecord>): ReadonlyArray<Block> =>
  rows(
    Arr.reverse(records),
    ({ actor, at, event, seq }) =>
      `${seq} · ${moment(at)} · ${oneLine(actor.name, 40)}: ${oneLine(eventWords(event), 300)}`,
    " before them"
  )

const logFile = (records: ReadonlyArray<LogRecord>): TextFile => ({
  name: "log.csv",
  text: csv(
    ["seq", "at", "actor", "surface", "run", "what", "hash"],
    records.map(({ actor, at, event, hash, run, seq, surface }) => [
      seq,
      DateTime.formatIso(at),
      actor.name,
      surface,
      run ?? "",
      eventWords(event),
      hash
    ])
  )
})

export const verificationMessage = (verification: Verification): Message =>
  message(verification.ok ? "The log verifies." : "The log does not verify.", [
    plain(
      !verification.ok
        ? `✗ The log does not verify: record ${verification.seq}: ${oneLine(verification.detail, 300)} (${verification.problem}).`
        : verification.anchor === null
          ? "✓ The log is empty: nothing was done yet."
          : `✓ The log verifies: ${counted(verification.records, "record")}, an unbroken chain with a signed end. Anchor: ${verification.anchor}`
    )
  ])
