import type { CallIntent, CallOutcome } from "@keysweep/core/Journal"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Stream } from "effect"
import type { Actor } from "./Actor.ts"
import type { AuditEvent } from "./Event.ts"
import type { LogRecord } from "./LogRecord.ts"
import type { RunId } from "./RunId.ts"

export interface CallView {
  readonly id: string
  readonly intent: CallIntent
  readonly at: DateTime.Utc
  /** `null`: intended, and nobody knows whether it was sent. A fresh inventory settles it. */
  readonly outcome: CallOutcome | null
}

export interface RunView {
  readonly id: RunId
  readonly started: (AuditEvent & { readonly _tag: "RunStarted" }) | null
  /** It is about the master key and no proxy key. */
  readonly renewsMasterKey: boolean
  readonly startedAt: DateTime.Utc
  readonly actor: Actor
  readonly surface: string
  readonly backups: ReadonlyArray<string>
  readonly finished: { readonly outcome: string; readonly at: DateTime.Utc } | null
  /** In order; those of a finished run are let go, except where they were never settled. */
  readonly calls: ReadonlyArray<CallView>
}

/** The last retirement of a key; a key that was disabled and then deleted is `deleted`. */
export interface Retirement {
  readonly key: ProxyKey
  readonly how: "disabled" | "deleted"
  readonly owner: string | null
  readonly reason: string | null
  readonly at: DateTime.Utc
  readonly actor: Actor
  readonly run: RunId | null
}

export interface SoakView {
  /** The key when it was disabled, as a reading showed it. */
  readonly key: ProxyKey
  /** The run that disabled it. */
  readonly run: RunId
  readonly since: DateTime.Utc
  readonly until: DateTime.Utc
  /** Why it is not deleted by itself; `null`: nothing was seen. */
  readonly alarm: string | null
}

type Confirmation = (AuditEvent & { readonly _tag: "Confirmed" })["how"]

/** What the log says is so. Nothing else decides what was done or is due. */
export interface LogView {
  readonly records: number
  readonly runs: ReadonlyMap<RunId, RunView>
  /** By plan hash: when it was begun. A plan runs once (I11). */
  readonly plansUsed: ReadonlyMap<string, RunId>
  readonly approvals: ReadonlyMap<string, ReadonlyArray<{ readonly approver: Actor; readonly at: DateTime.Utc }>>
  readonly confirmed: ReadonlyMap<string, Confirmation>
  /** `null`: none was ever seen. It may be over. */
  readonly cooldownUntil: DateTime.Utc | null
  readonly retired: ReadonlyMap<KeyId, Retirement>
  /** New key to the key it replaces. */
  readonly replaces: ReadonlyMap<KeyId, KeyId | null>
  /** Keys that are to be deleted when their time has come. */
  readonly soaks: ReadonlyMap<KeyId, SoakView>
  /** Key id, plan hash, or `null` for the whole account, to the reason. */
  readonly holds: ReadonlyMap<string | null, string>
}

/** Follows the log in memory that grows with what is open or retired, not with its length. */
export interface Projection {
  readonly add: (record: LogRecord) => void
  readonly view: () => LogView
}

interface OpenRun extends RunView {
  backups: ReadonlyArray<string>
  started: RunView["started"]
  renewsMasterKey: boolean
  finished: RunView["finished"]
  readonly pending: Map<string, CallView>
}

export const makeProjection = (): Projection => {
  const runs = new Map<RunId, OpenRun>()
  const plansUsed = new Map<string, RunId>()
  const approvals = new Map<string, ReadonlyArray<{ readonly approver: Actor; readonly at: DateTime.Utc }>>()
  const confirmed = new Map<string, Confirmation>()
  const retired = new Map<KeyId, Retirement>()
  const replaces = new Map<KeyId, KeyId | null>()
  const soaks = new Map<KeyId, SoakView>()
  const holds = new Map<string | null, string>()
  let records = 0
  let cooldownUntil: DateTime.Utc | null = null

  const runOf = (record: LogRecord, id: RunId): OpenRun => {
    const known = runs.get(id)
    if (known !== undefined) return known
    const { actor, at, surface } = record
    const fresh = {
      id,
      started: null,
      renewsMasterKey: false,
      startedAt: at,
      actor,
      surface,
      backups: [],
      finished: null,
      calls: [],
      pending: new Map()
    }
    runs.set(id, fresh)
    return fresh
  }

  const addToRun = (run: OpenRun, { at, event }: LogRecord): void => {
    switch (event._tag) {
      case "RunStarted":
        run.started = event
        plansUsed.set(event.plan, run.id)
        break
      case "MasterKeyPlanned":
        run.renewsMasterKey = true
        break
      case "RunFinished":
        run.finished = { outcome: event.outcome, at }
        for (const [id, call] of run.pending) if (call.outcome !== null) run.pending.delete(id)
        break
      case "BackupTaken":
        run.backups = [...run.backups, event.backup]
        break
      case "CallIntended":
        run.pending.set(event.id, { id: event.id, intent: event.intent, at, outcome: null })
        break
      case "CallSettled": {
        const call = run.pending.get(event.id)
        if (call !== undefined) run.pending.set(event.id, { ...call, outcome: event.outcome })
        break
      }
    }
  }

  const add = (record: LogRecord): void => {
    const { actor, at, event } = record
    records += 1
    if (record.run !== null) addToRun(runOf(record, record.run), record)
    switch (event._tag) {
      case "Approved":
        approvals.set(event.plan, [...(approvals.get(event.plan) ?? []), { approver: event.approver, at }])
        break
      case "Confirmed":
        confirmed.set(event.plan, event.how)
        break
      case "CooldownSeen":
        if (cooldownUntil === null || DateTime.lessThan(cooldownUntil, event.until)) cooldownUntil = event.until
        break
      case "KeyRetired":
        retired.set(event.key.id, {
          key: event.key,
          how: event.how,
          owner: event.owner,
          reason: event.reason,
          at,
          actor,
          run: record.run
        })
        if (event.how === "deleted") soaks.delete(event.key.id)
        break
      case "KeyCreated":
        replaces.set(event.new, event.old)
        break
      case "SoakStarted":
        if (record.run !== null) {
          soaks.set(event.key.id, { key: event.key, run: record.run, since: at, until: event.until, alarm: null })
        }
        break
      case "SoakAlarmed": {
        const soak = soaks.get(event.key)
        if (soak !== undefined) soaks.set(event.key, { ...soak, alarm: event.why })
        break
      }
      case "SoakEnded":
        for (const key of event.keys) soaks.delete(key)
        break
      case "Held":
        holds.set(event.key ?? event.plan, event.why)
        break
      case "HoldLifted":
        holds.delete(event.key ?? event.plan)
        break
    }
  }

  const view = (): LogView => ({
    records,
    runs: new Map([...runs].map(([id, { pending, ...run }]) => [id, { ...run, calls: [...pending.values()] }])),
    plansUsed,
    approvals,
    confirmed,
    cooldownUntil,
    retired,
    replaces,
    soaks,
    holds
  })

  return { add, view }
}

export const project = (records: Iterable<LogRecord>): LogView => {
  const projection = makeProjection()
  for (const record of records) projection.add(record)
  return projection.view()
}

export const projectStream = <E>(records: Stream.Stream<LogRecord, E>): Effect.Effect<LogView, E> =>
  Effect.suspend(() => {
    const projection = makeProjection()
    const all = Stream.runForEachChunk(records, (chunk) =>
      Effect.sync(() => {
        for (const record of chunk) projection.add(record)
      })
    )
    return Effect.map(all, projection.view)
  })

/** Runs that were begun and not finished, oldest first: what `resume` is for. */
export const unfinishedRuns = (view: LogView): ReadonlyArray<RunView> =>
  [...view.runs.values()].filter((run) => run.started !== null && run.finished === null)

/** Calls of which nobody knows whether they had their effect. */
export const unsettledCalls = (run: RunView): ReadonlyArray<CallView> =>
  run.calls.filter((call) => call.outcome === null || call.outcome.result === "unknown")

/** Whether a record has to do with a key: `log find` asks it with the id over the value that somebody found. */
export const isAbout = (record: LogRecord, key: KeyId): boolean => JSON.stringify(record.event).includes(key)
