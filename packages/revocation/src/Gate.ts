import type { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Duration } from "effect"
import { type Action, isFinal } from "./Action.ts"
import type { GateResult, LiftableCheck } from "./GateResult.ts"
import type { Plan } from "./Plan.ts"
import type { PlannedKey } from "./PlannedKey.ts"
import type { KeySoak } from "./Soak.ts"
import { placesOf, type Stored, treesOf } from "./scan/ScanMemory.ts"
import { ownerOf, type Settings } from "./Settings.ts"
import type { SettingsContent } from "./SettingsContent.ts"

export interface GateFacts {
  readonly action: Action
  readonly keys: ReadonlyArray<Pick<PlannedKey, "id" | "name" | "lastUsedAt">>
  /** Keys of the whole account. */
  readonly inAccount: number
  readonly now: DateTime.Utc
  readonly settings: typeof Settings.Service
  /** Divides the time within which a use counts as live. */
  readonly timeScale: number
  readonly soaks: ReadonlyMap<KeyId, KeySoak>
  /** Keys that are deleted after they were disabled, and how long they soak. */
  readonly thenDelete: Plan["thenDelete"]
  /** Where keys are written down, as far as scans tell. */
  readonly stored: (key: KeyId) => Stored
}

/**
 * Every check that a reading, the settings and the log can answer, each with the one thing that would lift it. What
 * takes nothing away for good is never blocked by them. The run judges them again.
 */
export const gate = (facts: GateFacts): ReadonlyArray<GateResult> => {
  if (facts.action === "enable" || facts.action === "release") return []
  const checks = [capCheck(facts), liveUseCheck(facts), ownerCheck(facts)]
  if (isFinal(facts.action)) return [...checks, storedCheck(facts), soakCheck(facts), noticeCheck(facts)]
  return facts.thenDelete.length > 0
    ? [...checks, storedCheck(facts), soakTimeCheck(facts), noticeCheck(facts)]
    : checks
}

export const usedWithin = (lastUsedAt: DateTime.Utc | null, now: DateTime.Utc, time: Duration.Duration): boolean =>
  lastUsedAt !== null && DateTime.distance(lastUsedAt, now) < Duration.toMillis(time)

/** The settings' time within which a use counts as live, on this clock. */
export const liveTime = (settings: typeof Settings.Service, timeScale: number): Duration.Duration =>
  Duration.times(settings.liveUse, 1 / timeScale)

/** The same in words: as the settings say it, whatever the clock. */
export const liveText = ({ liveUse }: SettingsContent): string => {
  const hours = Duration.toHours(liveUse)
  return `the last ${hours > 1 && Number.isInteger(hours) ? `${hours} hours` : Duration.format(liveUse)}`
}

export const capCheck = ({
  inAccount,
  keys,
  settings
}: Pick<GateFacts, "inAccount" | "settings"> & { readonly keys: ReadonlyArray<unknown> }): GateResult => {
  const { count, minimum, percent } = settings.caps
  const share = inAccount === 0 ? 0 : (100 * keys.length) / inAccount
  const overCount = count !== undefined && keys.length > count
  const overShare = percent !== undefined && inAccount >= minimum && share > percent
  if (!overCount && !overShare) {
    return pass(
      "cap",
      count === undefined && percent === undefined ? "no cap is set" : `${keys.length} keys are within the cap`
    )
  }
  const limit = overCount ? `${count} keys` : `${percent} % of the account`
  return {
    check: "cap",
    result: "block",
    detail: `${keys.length} of ${inAccount} keys, and the cap is ${limit}`,
    lift: liftBy(settings, "cap", "select fewer keys")
  }
}

const liveUseCheck = (facts: GateFacts): GateResult => {
  const { keys, now, settings, timeScale } = facts
  const live = keys.filter((key) => usedWithin(key.lastUsedAt, now, liveTime(settings, timeScale)))
  return live.length === 0
    ? pass("live use", `no planned key was used in ${liveText(settings)}`)
    : judged(
        facts,
        "live use",
        `${of(live, keys)} used in ${liveText(settings)}: ${named(live)}`,
        "disable first, watch, and delete what nobody misses"
      )
}

const ownerCheck = (facts: GateFacts): GateResult => {
  const { keys, settings } = facts
  if (settings.owners.length === 0)
    return judged(facts, "unknown owner", "the settings name no owners", "name the owners in the settings")
  const orphans = keys.filter((key) => ownerOf(settings, key) === null)
  return orphans.length === 0
    ? pass("unknown owner", "every planned key has an owner")
    : judged(
        facts,
        "unknown owner",
        `${of(orphans, keys)} without an owner: ${named(orphans)}`,
        "name the owners in the settings"
      )
}

const storedCheck = (facts: GateFacts): GateResult => {
  const { keys, stored } = facts
  const known = keys.map((key) => ({ ...key, stored: stored(key.id) }))
  const found = known.filter((key) => placesOf(key.stored) > 0)
  if (found.length > 0) {
    const places = found.slice(0, 3).map((key) => `${key.name} in ${firstPlace(key.stored)}`)
    const more = found.length > places.length ? ` and ${found.length - places.length} more` : ""
    return judged(
      facts,
      "still stored",
      `${of(found, keys)} written down: ${places.join(", ")}${more}`,
      "take them out of there, and scan again"
    )
  }
  const unknown = known.filter((key) => key.stored === "unknown")
  return unknown.length === 0
    ? pass("still stored", `no planned key was found in ${treesOf(known.map((key) => key.stored))}`)
    : judged(
        facts,
        "still stored",
        `no scan has looked for ${of(unknown, keys)}: ${named(unknown)}`,
        "scan the places where they may be"
      )
}

const firstPlace = (stored: Stored): string => {
  const [first] = stored === "unknown" ? [] : stored.filter(({ count }) => count > 0)
  return first === undefined ? "nowhere" : `${first.tree}: ${first.places[0] ?? ""}`
}

const soakCheck = (facts: GateFacts): GateResult => {
  const { keys, now, settings, soaks } = facts
  const unsoaked = keys.filter(({ id }) => {
    const soak = soaks.get(id)
    const freeAt = soak?.freeAt ?? null
    return soak === undefined || soak.alarm !== null || freeAt === null || DateTime.greaterThan(freeAt, now)
  })
  if (unsoaked.length === 0) return pass("not soaked", "every planned key has been disabled and watched long enough")
  const known = unsoaked.flatMap(({ id, name }) => {
    const soak = soaks.get(id)
    return soak === undefined ? [] : [{ ...soak, name }]
  })
  const missed = known.flatMap(({ alarm, name }) => (alarm === null ? [] : [`; ${name}: ${alarm}`])).slice(0, 5)
  const free = known.flatMap(({ freeAt }) => freeAt ?? []).filter((time) => DateTime.greaterThan(time, now))
  const first = free.length === 0 ? "" : `; the first is free at ${DateTime.formatIso(free.reduce(DateTime.min))}`
  const detail = `${of(unsoaked, keys)} not disabled and watched before${first}${missed.join("")}`
  const cure = "disable the keys first, and wait"
  return missed.length > 0 || known.some(({ demanded }) => demanded !== null)
    ? { check: "not soaked", result: "block", detail, lift: liftBy(settings, "not soaked", cure) }
    : judged(facts, "not soaked", detail, cure)
}

/** What is disabled now is deleted later: it must not be sooner than the settings allow. */
const soakTimeCheck = ({ keys, settings, soaks, thenDelete }: GateFacts): GateResult => {
  const time = new Map(thenDelete.flatMap(({ keys, soakSeconds }) => keys.map((id) => [id, soakSeconds] as const)))
  const short = keys.flatMap(({ id }) => {
    const demanded = soaks.get(id)?.demanded ?? null
    return demanded !== null && (time.get(id) ?? 0) < Duration.toSeconds(demanded) ? [demanded] : []
  })
  if (short.length === 0) return pass("not soaked", "every key is disabled and watched before it is deleted")
  const longest = Duration.format(short.reduce((a, b) => Duration.max(a, b)))
  return {
    check: "not soaked",
    result: "block",
    detail: `${of(short, keys)} would soak for a shorter time than the settings ask for (${longest})`,
    lift: liftBy(settings, "not soaked", "leave the time out")
  }
}

const noticeCheck = (facts: GateFacts): GateResult => {
  const { action, settings, thenDelete } = facts
  const targets = settings.notices.filter(
    ({ before }) => before.includes(action) || (thenDelete.length > 0 && before.includes("delete"))
  )
  return targets.length === 0
    ? judged(facts, "no notice", "the settings name nobody to notify", "name a channel or a webhook in the settings")
    : pass("no notice", `${targets.map(({ name }) => name).join(", ")} will be told before the first write`)
}

const pass = (check: LiftableCheck, detail: string): GateResult => ({ check, result: "pass", detail, lift: null })

/** Warns, and blocks a deletion where the settings say so. */
const judged = (facts: GateFacts, check: LiftableCheck, detail: string, cure: string): GateResult => {
  // A key in use is what a soak finds out about: it is judged when that is over.
  const final = isFinal(facts.action) || (facts.thenDelete.length > 0 && check !== "live use")
  return final && facts.settings.block.includes(check)
    ? { check, result: "block", detail, lift: liftBy(facts.settings, check, cure) }
    : { check, result: "warn", detail, lift: final ? cure : null }
}

const liftBy = (settings: typeof Settings.Service, check: LiftableCheck, cure: string): string =>
  settings.overridable.includes(check) ? `${cure}, or override it with a reason` : cure

const of = (some: ReadonlyArray<unknown>, all: ReadonlyArray<unknown>): string => `${some.length} of ${all.length}`

const named = (keys: GateFacts["keys"]): string => {
  const names = keys.slice(0, 5).map((key) => key.name)
  return keys.length > names.length ? `${names.join(", ")} and ${keys.length - names.length} more` : names.join(", ")
}
