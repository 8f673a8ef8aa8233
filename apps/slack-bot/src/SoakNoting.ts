import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import { viewOf } from "@keysweep/revocation/Permission"
import { soakStateOf } from "@keysweep/revocation/SoakState"
import { Effect } from "effect"
import type { ChoreNote } from "./Chores.ts"
import type { Desk } from "./Proceeding.ts"
import type { Failure } from "./Reply.ts"
import { digestOf } from "./Show.ts"
import { isGone, SlackApi } from "./SlackApi.ts"
import { reminderMessage } from "./SoakBlocks.ts"
import { type SoakNote, SoakNotes } from "./SoakNotes.ts"
import { soakNoteMessage } from "./SoakNoteMessage.ts"
import { itself, Sweeps } from "./Sweeps.ts"

/**
 * Gives each soak that was begun elsewhere one message in the channel that the settings name, and keeps it as the log is,
 * until nothing of it soaks: so that the keys' owners hear of it, and can hold them. `false`: Slack did not take all of it.
 */
export const showSoaks = (waiting: ChoreNote["waiting"]): Effect.Effect<boolean, Failure, Desk> =>
  Effect.gen(function* () {
    const notes = yield* SoakNotes
    const sweeps = yield* Sweeps
    const channel = yield* sweeps.soakChannel
    const records = yield* sweeps.as(itself, (sweep) => sweep.books(Effect.flatMap(Log, (log) => log.records)))
    const known = yield* notes.open
    const begun = channel === null ? [] : elsewhere(records).filter((run) => !known.some((note) => note.run === run))
    const fresh = begun.map((run): SoakNote => ({ run, channel: channel ?? "", ts: null, shown: null }))
    const all = yield* Effect.forEach([...known, ...fresh], (note) =>
      Effect.catchTag(showOne(note, records, waiting), "SlackUnavailable", (error) =>
        Effect.as(Effect.logError(error.message), false)
      )
    )
    return all.every((isShown) => isShown)
  }).pipe(Effect.withSpan("SoakNoting.showSoaks"))

/** Runs that have let something soak that still does, and were not begun in Slack. */
const elsewhere = (records: ReadonlyArray<LogRecord>): ReadonlyArray<RunId> => {
  const soaking = new Set([...viewOf(records).soaks.values()].map(({ run }) => run))
  return records.flatMap(({ event, run, surface }) =>
    event._tag === "RunStarted" && run !== null && surface !== "slack" && soaking.has(run) ? [run] : []
  )
}

const showOne = (note: SoakNote, records: ReadonlyArray<LogRecord>, waiting: ChoreNote["waiting"]) =>
  Effect.gen(function* () {
    const notes = yield* SoakNotes
    const slack = yield* SlackApi
    const sweeps = yield* Sweeps
    const { channel, run } = note
    const state = soakStateOf(run, records)
    // Its run has not ended: then the log will have more of it.
    if (state === null) return true
    const owners = yield* sweeps.ownersOf(state.soaking.map(({ key }) => key))
    const by = records.find((record) => record.run === run)?.actor.name ?? "somebody"
    const message = soakNoteMessage({ state, by, owners, waiting: waiting.find((it) => it.run === run)?.why ?? null })
    const digest = digestOf(message)
    if (note.shown !== digest) {
      const isMine = note.ts === null && (yield* notes.posting(run, channel))
      const anew = Effect.flatMap(slack.post(channel, message), (ts) => notes.posted(run, ts))
      // Told twice is better than not at all: whoever does not hear of it cannot object.
      if (isMine) yield* Effect.tapErrorTag(anew, "SlackUnavailable", () => notes.notPosted(run))
      if (note.ts !== null) yield* Effect.catchIf(slack.update({ channel, ts: note.ts }, message), isGone, () => anew)
      yield* notes.keepShown(run, digest, state.soaking.length === 0)
    }
    if (note.ts === null) return true
    const due = yield* sweeps.as(itself, (sweep) => sweep.soakReminders(run, `slack:${channel}`))
    if (due.length > 0) yield* slack.post(channel, reminderMessage(state.receipt, owners, due), note.ts)
    return true
  }).pipe(Effect.catchTag("LeaseHeld", () => Effect.succeed(false)))
