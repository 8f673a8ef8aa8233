import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { LogView, SoakView } from "@keysweep/audit/Projection"
import type { UseRecord } from "@keysweep/core/AccountReader"
import { toCredits } from "@keysweep/core/Credit"
import { type KeyId, type ProxyKey, settingsDigest } from "@keysweep/core/ProxyKey"
import { DateTime, Duration } from "effect"
import type { Finding } from "./Findings.ts"
import type { Inventory } from "./Inventory.ts"
import type { SettingsContent } from "./SettingsContent.ts"

/** What is known of a key's soak: whether it was disabled and watched for long enough to be deleted. */
export interface KeySoak {
  /** How long it must be disabled before it may be deleted, as the settings say; `null`: they do not say. */
  readonly demanded: Duration.Duration | null
  /** When it may be deleted; `null`: it is not disabled, or nobody knows since when. */
  readonly freeAt: DateTime.Utc | null
  /** When it will be deleted by itself; `null`: it will not. */
  readonly dueAt: DateTime.Utc | null
  /** Who misses it, in words; `null`: nobody was seen. */
  readonly alarm: string | null
}

/** Where neither the request nor the settings say how long. */
export const defaultSoak = Duration.days(7)

/** How long a key must soak: the longest time that fits it. Not scaled. */
export const soakDemanded = (
  settings: SettingsContent,
  key: { readonly findings: ReadonlyArray<Finding> }
): Duration.Duration | null =>
  settings.soak
    .filter(({ finding }) => finding === undefined || key.findings.includes(finding))
    .map(({ time }) => time)
    .reduce<Duration.Duration | null>((longest, time) => (longest === null ? time : Duration.max(longest, time)), null)

/** Which keys soak for how many seconds, shortest first: as long as is asked for, or demanded, or 7 days. Not scaled. */
export const soakTimes = (
  keys: ReadonlyArray<{ readonly id: KeyId }>,
  after: Duration.Duration | null,
  soaks: ReadonlyMap<KeyId, KeySoak>
): ReadonlyArray<{ readonly soakSeconds: number; readonly keys: ReadonlyArray<KeyId> }> => {
  const byTime = new Map<number, ReadonlyArray<KeyId>>()
  for (const { id } of keys) {
    const seconds = Duration.toSeconds(after ?? soaks.get(id)?.demanded ?? defaultSoak)
    byTime.set(seconds, [...(byTime.get(seconds) ?? []), id])
  }
  return [...byTime].map(([soakSeconds, keys]) => ({ soakSeconds, keys })).sort((a, b) => a.soakSeconds - b.soakSeconds)
}

export const findingsIn = ({ keys }: Inventory): ReadonlyMap<KeyId, ReadonlyArray<Finding>> =>
  new Map(keys.map(({ findings, id }) => [id, findings]))

/** What is known of the soak of each key of a reading, by the log and the settings. Pure. */
export const soaksOf = (facts: {
  readonly keys: ReadonlyArray<ProxyKey>
  readonly findings: ReadonlyMap<KeyId, ReadonlyArray<Finding>>
  readonly records: ReadonlyArray<LogRecord>
  readonly soaks: LogView["soaks"]
  readonly settings: SettingsContent
  /** Divides the times of the settings. */
  readonly timeScale: number
}): ReadonlyMap<KeyId, KeySoak> => {
  const { findings, keys, records, settings, soaks, timeScale } = facts
  const since = disabledSince(records)
  return new Map(
    keys.map((key): readonly [KeyId, KeySoak] => {
      const demanded = soakDemanded(settings, { findings: findings.get(key.id) ?? [] })
      const scaled = Duration.times(demanded ?? Duration.zero, 1 / timeScale)
      const soak = soaks.get(key.id)
      const alone = { demanded, freeAt: null, dueAt: null, alarm: null }
      if (key.active) return [key.id, alone]
      if (soak !== undefined) {
        const alarm = soak.alarm ?? missedBy(soak, key, null)
        const freeAt = DateTime.max(soak.until, DateTime.addDuration(soak.since, scaled))
        return [key.id, { demanded, freeAt, dueAt: alarm === null ? soak.until : null, alarm }]
      }
      const disabledAt = since.get(key.id)
      if (disabledAt === undefined) return [key.id, alone]
      const enough = demanded === null ? Duration.times(defaultSoak, 1 / timeScale) : scaled
      return [key.id, { ...alone, freeAt: DateTime.addDuration(disabledAt, enough) }]
    })
  )
}

/** Keys that a run of ours has disabled and none has enabled since. Whether they still are, only a reading says. */
const disabledSince = (records: ReadonlyArray<LogRecord>): ReadonlyMap<KeyId, DateTime.Utc> => {
  const since = new Map<KeyId, DateTime.Utc>()
  for (const { at, event } of records) {
    if (event._tag === "KeyRetired" && event.how === "disabled") since.set(event.key.id, at)
    if (event._tag === "RunStarted" && event.action === "enable") for (const key of event.keys) since.delete(key)
  }
  return since
}

/**
 * Why somebody seems to miss a soaking key: it has a use that it had not when it was disabled, calls with it were
 * refused, or somebody changed it. `null`: nothing shows it, which does not prove that nobody does.
 *
 * @param log the account's request log, where it can be read
 */
export const missedBy = (soak: SoakView, now: ProxyKey, log: ReadonlyArray<UseRecord> | null): string | null => {
  const was = soak.key
  if (now.active) return "somebody enabled it again"
  if (settingsDigest(now) !== settingsDigest(was)) return "somebody changed its settings"
  if (now.used > was.used)
    return `it has spent ${toCredits(now.used) - toCredits(was.used)} credits since it was disabled`
  if (now.lastUsedAt !== null && (was.lastUsedAt === null || DateTime.greaterThan(now.lastUsedAt, was.lastUsedAt))) {
    return `it was used at ${DateTime.formatIso(now.lastUsedAt)}, since it was disabled`
  }
  // The log's times are whole seconds.
  const since = DateTime.subtract(soak.since, { seconds: 1 })
  const refused = (log ?? []).filter(
    ({ at, key, status }) => key === was.id && status === "error" && DateTime.greaterThan(at, since)
  )
  return refused.length === 0
    ? null
    : `${refused.length === 1 ? "1 call with it was" : `${refused.length} calls with it were`} refused since it was disabled`
}

/** Why a soak alone does not let a key be deleted now; `null`: it has soaked for long enough and nobody was seen to miss it. */
export const notDue = (soak: SoakView | undefined, key: ProxyKey, now: DateTime.Utc): string | null => {
  if (soak === undefined) return "it does not soak any more"
  const soaks = DateTime.greaterThan(soak.until, now) ? `it soaks until ${DateTime.formatIso(soak.until)}` : null
  return soak.alarm ?? missedBy(soak, key, null) ?? soaks
}

/** Soaking keys whose time has come, by the run that disabled them; keys of which somebody was seen to miss one are not. */
export const dueAt = (
  soaks: LogView["soaks"],
  now: DateTime.Utc
): ReadonlyMap<SoakView["run"], ReadonlyArray<SoakView>> => {
  const due = new Map<SoakView["run"], ReadonlyArray<SoakView>>()
  for (const soak of soaks.values()) {
    if (soak.alarm !== null || DateTime.greaterThan(soak.until, now)) continue
    due.set(soak.run, [...(due.get(soak.run) ?? []), soak])
  }
  return due
}

/** When the next soak ends that is not over yet; `null`: none is under way. */
export const nextDeadline = (soaks: LogView["soaks"], now: DateTime.Utc): DateTime.Utc | null =>
  [...soaks.values()]
    .filter(({ alarm, until }) => alarm === null && DateTime.greaterThan(until, now))
    .map(({ until }) => until)
    .reduce<DateTime.Utc | null>((next, until) => (next === null ? until : DateTime.min(next, until)), null)

/** What a plan says of what comes after it, in one sentence; empty where nothing does. */
export const thenDeleteText = (
  thenDelete: ReadonlyArray<{ readonly soakSeconds: number; readonly keys: ReadonlyArray<unknown> }>
): string => {
  if (thenDelete.length === 0) return ""
  const parts = thenDelete.map(
    ({ keys, soakSeconds }) =>
      `${keys.length} ${keys.length === 1 ? "key" : "keys"} after ${Duration.format(Duration.seconds(soakSeconds))}`
  )
  return `Disabled first, and then deleted for good unless somebody is seen to miss them: ${parts.join(", ")}.`
}
