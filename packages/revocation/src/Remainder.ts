import type { KeyPlanned } from "@keysweep/audit/Event"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import type { CallIntent, CallOutcome } from "@keysweep/core/Journal"
import type { NewSettings } from "@keysweep/core/KeySettings"
import { type KeyId, type ProxyKey, type ProxyKeySecret, settingsDigest } from "@keysweep/core/ProxyKey"
import type { Action } from "./Action.ts"
import type { Reading } from "./Inventory.ts"
import { type Attempt, isWanted } from "./Proof.ts"

/** Every call of a run, from its first time to its last: the projection lets those of a finished run go. */
export const callsOf = (records: ReadonlyArray<LogRecord>, run: RunId): ReadonlyArray<Call> => {
  const calls = new Map<string, Call>()
  for (const record of records) {
    if (record.run !== run) continue
    const { event } = record
    if (event._tag === "CallIntended") calls.set(event.id, { id: event.id, intent: event.intent, result: null })
    const intended = event._tag === "CallSettled" ? calls.get(event.id) : undefined
    if (event._tag === "CallSettled" && intended !== undefined) {
      calls.set(event.id, { ...intended, result: event.outcome.result })
    }
  }
  return [...calls.values()]
}

export interface Call {
  readonly id: string
  readonly intent: CallIntent
  /** `null`: the log does not say. */
  readonly result: CallOutcome["result"] | null
}

export const keysOf = ({ intent }: Call): ReadonlyArray<KeyId> =>
  intent.key === undefined ? (intent.keys ?? []) : [intent.key]

export const isOpen = ({ result }: Call): boolean => result === null || result === "unknown"

export const shownIn = (reading: Reading, id: KeyId) => reading.listing.keys.find((key) => key.id === id) ?? "absent"

/** Each planned key as it was, and what it was to become. */
export type Planned = ReadonlyMap<KeyId, Pick<typeof KeyPlanned.Type, "key" | "becomes">>

export const plannedKeys = (records: ReadonlyArray<LogRecord>, run: RunId): Planned =>
  new Map(
    records.flatMap((record) =>
      record.run === run && record.event._tag === "KeyPlanned" ? [[record.event.key.id, record.event] as const] : []
    )
  )

export const retiredKeys = (records: ReadonlyArray<LogRecord>, run: RunId): ReadonlySet<KeyId> =>
  new Set(
    records.flatMap((record) => (record.run === run && record.event._tag === "KeyRetired" ? [record.event.key.id] : []))
  )

/** Which keys are to soak, and which do already. */
export const soaksIn = (records: ReadonlyArray<LogRecord>, run: RunId) => {
  const events = records.flatMap((record) => (record.run === run ? [record.event] : []))
  const soaks = events.flatMap((event) =>
    event._tag === "KeyPlanned" && event.soakSeconds !== undefined ? [[event.key.id, event.soakSeconds] as const] : []
  )
  const soaking = events.flatMap((event) => (event._tag === "SoakStarted" ? [event.key.id] : []))
  return { soaks: new Map(soaks), soaking: new Set(soaking) }
}

type Protection = (key: ProxyKey) => string | null

/** Keys that work though the panic did not know them, and those among them that are protected. */
export const newcomers = (action: Action, planned: Planned, reading: Reading, protection: Protection) => {
  const unknown = reading.listing.keys.filter((key) => !planned.has(key.id) && isWanted(action, key) === false)
  return {
    made: unknown.filter((key) => protection(key) === null),
    guarded: unknown.flatMap((key) => {
      const why = protection(key)
      return why === null ? [] : [{ id: key.id, name: key.name, reason: `protected: ${why}` }]
    })
  }
}

/** What is left to do, and what is known of the rest. */
export const rest = ({
  action,
  calls,
  ids,
  panic,
  planned,
  reading,
  spared
}: {
  readonly action: Action
  readonly calls: ReadonlyArray<Call>
  readonly ids: ReadonlyArray<KeyId>
  /** A panic minds no drift. */
  readonly panic: boolean
  readonly planned: Planned
  readonly reading: Reading
  /** Why a key is left alone whatever the plan says. */
  readonly spared: (key: ProxyKey) => string | null
}) => {
  const touched = new Set(calls.filter((call) => isOpen(call) || call.result === "done").flatMap(keysOf))
  const known = new Map<KeyId, Attempt>()
  const work: Array<{
    planned: { id: KeyId; name: string; becomes: NewSettings | null }
    fresh: ProxyKey
    target: { id: KeyId; secret: ProxyKeySecret }
  }> = []
  for (const id of ids) {
    const { key: before, becomes } = planned.get(id) ?? {}
    const fresh = shownIn(reading, id)
    const secret = reading.listing.secrets.get(id)
    const why = fresh === "absent" ? null : spared(fresh)
    if (touched.has(id) && isWanted(action, fresh, becomes) === true) known.set(id, { result: "acted" })
    else if (fresh === "absent" || secret === undefined) known.set(id, { result: "absent" })
    else if (before === undefined) known.set(id, { result: "not sent", detail: "the run had left it out" })
    else if (!panic && settingsDigest(before) !== settingsDigest(fresh)) {
      known.set(id, { result: "not sent", detail: "its settings are not those of the plan any more" })
    } else if (why !== null) known.set(id, { result: "not sent", detail: why })
    else work.push({ planned: { id, name: fresh.name, becomes: becomes ?? null }, fresh, target: { id, secret } })
  }
  return { known, work }
}
