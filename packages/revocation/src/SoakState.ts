import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { SoakView } from "@keysweep/audit/Projection"
import type { RunId } from "@keysweep/audit/RunId"
import type { KeyId } from "@keysweep/core/ProxyKey"
import type { DateTime } from "effect"
import { viewOf } from "./Permission.ts"
import type { Receipt } from "./Receipt.ts"
import { receiptFromLog } from "./ReceiptFromLog.ts"
import { dueAt } from "./Soak.ts"

/** How far the keys that one run has disabled have come on their way to being deleted. */
export interface SoakState {
  readonly run: RunId
  /** What disabled them. */
  readonly receipt: Receipt
  /** Those that are still to be deleted, or of which somebody was seen to miss one. */
  readonly soaking: ReadonlyArray<SoakView>
  /** What deleted others because their time had come, oldest first. */
  readonly deletions: ReadonlyArray<Receipt>
  /** Those that soak no more and were not deleted so, and how that came. */
  readonly ended: ReadonlyArray<{ readonly id: KeyId; readonly name: string; readonly how: string }>
}

/** By the log alone. `null`: the run has not ended, or it let no key soak. */
export const soakStateOf = (run: RunId, records: ReadonlyArray<LogRecord>): SoakState | null => {
  const receipt = receiptFromLog(run, records)
  const started = records.flatMap((record) =>
    record.run === run && record.event._tag === "SoakStarted" ? [record.event.key] : []
  )
  if (receipt === null || started.length === 0) return null
  const view = viewOf(records)
  const soaking = [...view.soaks.values()].filter((soak) => soak.run === run)
  const plans = new Set(
    records.flatMap(({ event }) => (event._tag === "Confirmed" && event.under === receipt.plan ? [event.plan] : []))
  )
  const deletions = records.flatMap((record) =>
    record.event._tag === "RunStarted" && record.run !== null && plans.has(record.event.plan)
      ? (receiptFromLog(record.run, records) ?? [])
      : []
  )
  const over = new Set([
    ...soaking.map(({ key }) => key.id),
    ...deletions.flatMap(({ keys }) => keys.flatMap(({ id, outcome }) => (outcome === "done" ? [id] : [])))
  ])
  const hows = new Map(
    records.flatMap(({ event }) =>
      event._tag === "SoakEnded" ? event.keys.map((key) => [key, event.how] as const) : []
    )
  )
  const ended = started
    .filter(({ id }) => !over.has(id))
    .map(({ id, name }) => ({
      id,
      name,
      how: hows.get(id) ?? (view.retired.get(id)?.how === "deleted" ? "deleted by another run" : "it soaks no more")
    }))
  return { run, receipt, soaking, deletions, ended }
}

/** The plans of which something soaks, wherever they were carried out. */
export const soakingPlans = (
  records: ReadonlyArray<LogRecord>
): ReadonlyArray<{ readonly hash: string; readonly action: string; readonly keys: ReadonlyArray<KeyId> }> => {
  const runs = new Set([...viewOf(records).soaks.values()].map(({ run }) => run))
  return records.flatMap(({ event, run }) =>
    event._tag === "RunStarted" && run !== null && runs.has(run)
      ? [{ hash: event.plan, action: event.action, keys: event.keys }]
      : []
  )
}

/** The plans of which something is due now. */
export const duePlans = (records: ReadonlyArray<LogRecord>, now: DateTime.Utc): ReadonlySet<string> => {
  const due = dueAt(viewOf(records).soaks, now)
  return new Set(
    records.flatMap(({ event, run }) =>
      event._tag === "RunStarted" && run !== null && due.has(run) ? [event.plan] : []
    )
  )
}
