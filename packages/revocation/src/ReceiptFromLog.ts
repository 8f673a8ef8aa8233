import type { LogRecord } from "@keysweep/audit/LogRecord"
import { anchorOf } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import { fromCredits, zero } from "@keysweep/core/Credit"
import { Option, Schema } from "effect"
import { Action } from "./Action.ts"
import { KeyOutcome, Outcome } from "./Outcome.ts"
import type { Receipt } from "./Receipt.ts"

/**
 * The receipt of a run that has ended, from the records of it alone: for whoever did not run it, or has died since. The
 * log does not keep why a key was left alone, nor the details of each; `null`: the run has no end in the log.
 */
export const receiptFromLog = (run: RunId, records: ReadonlyArray<LogRecord>): Receipt | null => {
  const own = records.filter((record) => record.run === run)
  const started = own.flatMap(({ at, event }) => (event._tag === "RunStarted" ? [{ at, event }] : []))[0]
  const last = own.filter(({ event }) => event._tag === "RunFinished").at(-1)
  if (started === undefined || last?.event._tag !== "RunFinished") return null
  const action = decodeAction(started.event.action)
  const outcome = decodeOutcome(last.event.outcome)
  if (Option.isNone(action) || Option.isNone(outcome)) return null
  const refused = started.event.refused ?? []
  const names = new Map([
    ...refused.map(({ id, name }) => [id, name] as const),
    ...own.flatMap(({ event }) => (event._tag === "KeyPlanned" ? [[event.key.id, event.key.name] as const] : []))
  ])
  const { creditExpected, creditObserved, keys } = last.event
  return {
    schema: "keysweep.receipt/1",
    run,
    plan: started.event.plan,
    account: last.account,
    action: action.value,
    outcome: outcome.value,
    stopped: null,
    keys: keys.map(({ id, outcome }) => ({
      id,
      name: names.get(id) ?? id,
      outcome: Option.getOrElse(decodeKeyOutcome(outcome), () => "unverified" as const),
      detail: refused.find((it) => it.id === id)?.reason ?? ""
    })),
    skipped: [],
    creditExpected: creditExpected === null ? zero : fromCredits(creditExpected),
    creditObserved: creditObserved === null ? null : fromCredits(creditObserved),
    soaks: own.flatMap(({ event }) => (event._tag === "SoakStarted" ? [{ id: event.key.id, until: event.until }] : [])),
    backup: own.flatMap(({ event }) => (event._tag === "BackupTaken" ? [event.backup] : [])).at(-1) ?? "none",
    anchor: anchorOf(last),
    startedAt: started.at,
    finishedAt: last.at
  }
}

const decodeAction = Schema.decodeUnknownOption(Action)
const decodeOutcome = Schema.decodeUnknownOption(Outcome)
const decodeKeyOutcome = Schema.decodeUnknownOption(KeyOutcome)
