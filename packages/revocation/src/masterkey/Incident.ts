import type { LogRecord } from "@keysweep/audit/LogRecord"
import { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Schema } from "effect"
import type { GateResult } from "../GateResult.ts"

/**
 * How long it took from the first word of a leak, or the beginning of a panic, until nothing that was exposed worked any
 * more. All times are those of the log.
 */
export const Incident = Schema.Struct({
  startedAt: Schema.DateTimeUtc,
  startedBy: Schema.Literal("leak reported", "panic"),
  /** Keys that were switched off or deleted since, and when the last of them was. */
  keys: Schema.Array(KeyId),
  lastKeyInactiveAt: Schema.NullOr(Schema.DateTimeUtc),
  /** `null`: the master key was not replaced. */
  masterKeyRenewedAt: Schema.NullOr(Schema.DateTimeUtc),
  /** Seconds until the later of the two; `null` while neither has happened. */
  secondsToContainment: Schema.NullOr(Schema.Number)
}).annotations({ identifier: "Incident" })
export type Incident = typeof Incident.Type

/**
 * The last incident that the records tell of: it begins with the first leak report or panic after the master key was last
 * replaced, and ends with its next replacement, or goes on. Pure.
 */
export const incidentIn = (records: ReadonlyArray<LogRecord>): Incident | null => {
  let incident: Incident | null = null
  for (const { at, event } of records) {
    const begins: Incident["startedBy"] | null =
      event._tag === "LeakReported"
        ? "leak reported"
        : event._tag === "RunStarted" && event.panic === true
          ? "panic"
          : null
    if (begins !== null && (incident === null || incident.masterKeyRenewedAt !== null)) {
      incident = {
        startedAt: at,
        startedBy: begins,
        keys: [],
        lastKeyInactiveAt: null,
        masterKeyRenewedAt: null,
        secondsToContainment: null
      }
    }
    if (incident === null || incident.masterKeyRenewedAt !== null) continue
    if (event._tag === "KeyRetired") {
      incident = contained({ ...incident, keys: [...incident.keys, event.key.id], lastKeyInactiveAt: at }, at)
    }
    if (event._tag === "AccountRekeyed") incident = contained({ ...incident, masterKeyRenewedAt: at }, at)
  }
  return incident
}

const contained = (incident: Incident, at: DateTime.Utc): Incident => ({
  ...incident,
  keys: [...new Set(incident.keys)],
  secondsToContainment: DateTime.distance(incident.startedAt, at) / 1000
})

/** A warning in every plan from the report that the master key itself has leaked until it was replaced. */
export const masterKeyCheck = (records: ReadonlyArray<LogRecord>): ReadonlyArray<GateResult> => {
  const last = records
    .filter(({ event }) => event._tag === "AccountRekeyed" || (event._tag === "LeakReported" && event.key === null))
    .at(-1)
  return last?.event._tag === "LeakReported"
    ? [
        {
          check: "master key",
          result: "warn",
          detail: `the master key itself was reported as leaked at ${DateTime.formatIso(last.at)}: whoever has it can make new keys`,
          lift: "replace it: keysweep master-key regenerate"
        }
      ]
    : []
}
