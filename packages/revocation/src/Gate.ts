import type { LogView } from "@keysweep/audit/Projection"
import { DateTime, Duration } from "effect"
import { type Action, isFinal } from "./Action.ts"
import type { GateResult, LiftableCheck } from "./GateResult.ts"
import type { PlannedKey } from "./PlannedKey.ts"
import { ownerOf, type Settings } from "./Settings.ts"
import type { SettingsContent } from "./SettingsContent.ts"

export interface GateFacts {
  readonly action: Action
  readonly keys: ReadonlyArray<Pick<PlannedKey, "id" | "name" | "lastUsedAt">>
  /** Keys of the whole account. */
  readonly inAccount: number
  readonly now: DateTime.Utc
  readonly settings: typeof Settings.Service
  /** Divides soak times and the time within which a use counts as live. */
  readonly timeScale: number
  /** Since when keys are soaking, and until when, from the log. */
  readonly soaks: LogView["soaks"]
}

/**
 * Every check that a reading, the settings and the log can answer, each with the one thing that would lift it. What
 * takes nothing away for good is never blocked by them. The run judges them again.
 */
export const gate = (facts: GateFacts): ReadonlyArray<GateResult> => {
  if (facts.action === "enable" || facts.action === "release") return []
  const checks = [capCheck(facts), liveUseCheck(facts), ownerCheck(facts)]
  return isFinal(facts.action) ? [...checks, soakCheck(facts), noticeCheck(facts)] : checks
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

const capCheck = ({ inAccount, keys, settings }: GateFacts): GateResult => {
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

const soakCheck = (facts: GateFacts): GateResult => {
  const { keys, now, soaks } = facts
  const unsoaked = keys.filter((key) => {
    const until = soaks.get(key.id)
    return until === undefined || DateTime.greaterThan(until, now)
  })
  if (unsoaked.length === 0) return pass("not soaked", "every planned key has been disabled and watched long enough")
  const soaking = unsoaked.flatMap((key) => soaks.get(key.id) ?? [])
  const first = soaking.length === 0 ? "" : `; the first is free at ${DateTime.formatIso(soaking.reduce(DateTime.min))}`
  return judged(
    facts,
    "not soaked",
    `${of(unsoaked, keys)} not disabled and watched before${first}`,
    "disable the keys first, and wait"
  )
}

const noticeCheck = (facts: GateFacts): GateResult => {
  const targets = facts.settings.notices.filter(({ before }) => before.includes(facts.action))
  return targets.length === 0
    ? judged(facts, "no notice", "the settings name nobody to notify", "name a channel or a webhook in the settings")
    : pass("no notice", `${targets.map(({ name }) => name).join(", ")} will be told before the first write`)
}

const pass = (check: LiftableCheck, detail: string): GateResult => ({ check, result: "pass", detail, lift: null })

/** Warns, and blocks a deletion where the settings say so. */
const judged = ({ action, settings }: GateFacts, check: LiftableCheck, detail: string, cure: string): GateResult =>
  isFinal(action) && settings.block.includes(check)
    ? { check, result: "block", detail, lift: liftBy(settings, check, cure) }
    : { check, result: "warn", detail, lift: isFinal(action) ? cure : null }

const liftBy = (settings: typeof Settings.Service, check: LiftableCheck, cure: string): string =>
  settings.overridable.includes(check) ? `${cure}, or override it with a reason` : cure

const of = (some: ReadonlyArray<unknown>, all: ReadonlyArray<unknown>): string => `${some.length} of ${all.length}`

const named = (keys: GateFacts["keys"]): string => {
  const names = keys.slice(0, 5).map((key) => key.name)
  return keys.length > names.length ? `${names.join(", ")} and ${keys.length - names.length} more` : names.join(", ")
}
