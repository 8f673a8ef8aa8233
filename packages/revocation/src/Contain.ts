import { type Credit, toCredits } from "@keysweep/core/Credit"
import { hasSettings, LimitType, type NewSettings, sameList, wholeSeconds } from "@keysweep/core/KeySettings"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Either, Schema } from "effect"
import { type AddressRange, isWithin, parseAddressRange } from "./AddressRange.ts"

/** What keys are to be narrowed to; at least one. What is left out stays as it is. */
export interface Narrowing {
  /** IP addresses or CIDR ranges; never empty, because an empty list allows every address. */
  readonly addresses?: ReadonlyArray<string> | undefined
  /** Never empty, because an empty list allows every model. */
  readonly models?: ReadonlyArray<string> | undefined
  readonly expiresAt?: DateTime.Utc | undefined
  readonly allocated?: Credit | undefined
  /** What the keys have now: an update replaces it too, and the upstream does not show it. */
  readonly limitType?: LimitType | undefined
}

type Settings = Omit<NewSettings, "limitType">

/** Why nothing can be narrowed to this, whichever key it is; `null`: it can. */
export const problemOf = (to: Narrowing, now: DateTime.Utc): string | null => {
  const { addresses, allocated, expiresAt, models } = to
  if (addresses === undefined && models === undefined && expiresAt === undefined && allocated === undefined)
    return "Say what to narrow: addresses, models, expiry or budget."
  if (addresses?.length === 0 || models?.length === 0)
    return "An empty list allows everything: name at least one address or model."
  const strange = (addresses ?? []).filter((text) => parseAddressRange(text) === null)
  if (strange.length > 0) return `${strange.join(", ")}: no IP address and no CIDR range.`
  if (expiresAt !== undefined && (wholeSeconds(expiresAt) ?? 0) * 1000 <= DateTime.toEpochMillis(now))
    return "An expiry must lie ahead. To stop keys at once, disable them."
  if (allocated !== undefined && allocated <= 0)
    return "A budget must be more than nothing. To stop keys at once, disable them."
  return null
}

/** A key's settings once it is narrowed; `null`: it is as narrow already. Left: why not, for this key. */
export const narrowed = (key: ProxyKey, to: Narrowing): Either.Either<NewSettings | null, string> => {
  const wanted: Settings = {
    expiresAt: to.expiresAt === undefined ? key.expiresAt : inWholeSeconds(to.expiresAt),
    allocated: to.allocated ?? key.allocated,
    models: to.models ?? key.models,
    addresses: to.addresses ?? key.addresses
  }
  const wider = widenings(key, wanted)
  if (wider.length > 0) return Either.left(`contain only narrows: ${wider.join("; ")}`)
  if (hasSettings(key, wanted)) return Either.right(null)
  const shown = shownLimitType(key)
  const limitType = to.limitType ?? shown
  if (limitType === undefined) {
    return Either.left(
      "an update replaces the limit type (daily, weekly or monthly), and the upstream does not show which one the key has: say it"
    )
  }
  return shown !== undefined && limitType !== shown
    ? Either.left(`its limit type is ${shown}, not ${limitType}`)
    : Either.right({ ...wanted, limitType })
}

/** In which respects some settings allow more than others did. */
export const widenings = (from: Settings, to: Settings): ReadonlyArray<string> => [
  ...outside("addresses", from.addresses, to.addresses, withinSome),
  ...outside("models", from.models, to.models, (model, models) => models.includes(model)),
  ...(from.expiresAt !== null && (to.expiresAt === null || DateTime.greaterThan(to.expiresAt, from.expiresAt))
    ? [`it expires at ${DateTime.formatIso(from.expiresAt)}, which is earlier`]
    : []),
  ...(to.allocated > from.allocated ? [`its budget is ${toCredits(from.allocated)}, which is less`] : [])
]

const outside = (
  what: string,
  from: ReadonlyArray<string>,
  to: ReadonlyArray<string>,
  allows: (one: string, all: ReadonlyArray<string>) => boolean
): ReadonlyArray<string> => {
  if (from.length === 0) return []
  if (to.length === 0) return [`${what}: everything is more than ${from.join(", ")}`]
  const more = to.filter((one) => !allows(one, from))
  return more.length === 0 ? [] : [`${what}: ${more.join(", ")} is outside ${from.join(", ")}`]
}

const withinSome = (text: string, allowed: ReadonlyArray<string>): boolean => {
  const range = parseAddressRange(text)
  return allowed.some((it) => it === text || (range !== null && contains(parseAddressRange(it), range)))
}

const contains = (outer: AddressRange | null, inner: AddressRange): boolean => outer !== null && isWithin(inner, outer)

/** What a run has narrowed of one key: how the key was, and what the run made of it. */
export interface Narrowed {
  readonly was: ProxyKey
  readonly became: NewSettings
}

/**
 * A key's settings once it has back what a run took; `null`: it has it. Only what that run changed is given back; left:
 * somebody has changed it since, or it cannot be.
 */
export const givenBack = (
  key: ProxyKey,
  { became, was }: Narrowed,
  now: DateTime.Utc
): Either.Either<NewSettings | null, string> => {
  const fields = ["expiresAt", "allocated", "models", "addresses"] as const
  const changed = fields.filter((field) => !isSame(field, was, became))
  const others = changed.filter((field) => !isSame(field, key, was) && !isSame(field, key, became))
  if (others.length > 0) {
    const seen = others.map((field) => `${words[field]}: the run made it ${text(key, became, field)}`)
    return Either.left(`somebody has changed it since: ${seen.join("; ")}`)
  }
  const wanted: NewSettings = {
    expiresAt: changed.includes("expiresAt") ? was.expiresAt : key.expiresAt,
    allocated: changed.includes("allocated") ? was.allocated : key.allocated,
    models: changed.includes("models") ? was.models : key.models,
    addresses: changed.includes("addresses") ? was.addresses : key.addresses,
    limitType: became.limitType
  }
  if (hasSettings(key, wanted)) return Either.right(null)
  return wanted.expiresAt !== null && DateTime.lessThanOrEqualTo(wanted.expiresAt, now)
    ? Either.left(
        `it has expired (${DateTime.formatIso(wanted.expiresAt)}), and the upstream takes no update that leaves it so`
      )
    : Either.right(wanted)
}

const words = { expiresAt: "expiry", allocated: "budget", models: "models", addresses: "addresses" } as const

type Field = keyof typeof words

const isSame = (field: Field, some: Settings, others: Settings): boolean => {
  switch (field) {
    case "expiresAt":
      return wholeSeconds(some.expiresAt) === wholeSeconds(others.expiresAt)
    case "allocated":
      return some.allocated === others.allocated
    case "models":
    case "addresses":
      return sameList(some[field], others[field])
  }
}

const text = (now: Settings, became: Settings, field: Field): string =>
  `${settingText(became, field)}, and it is ${settingText(now, field)}`

const settingText = (settings: Settings, field: Field): string => {
  switch (field) {
    case "expiresAt":
      return settings.expiresAt === null ? "never" : DateTime.formatIso(settings.expiresAt)
    case "allocated":
      return String(toCredits(settings.allocated))
    case "models":
    case "addresses":
      return settings[field].length === 0 ? "any" : [...settings[field]].sort().join(", ")
  }
}

/** What a plan changes of a key, one line a setting: `addresses: any → 10.0.0.0/8`. */
export const changesOf = (from: Settings, to: Settings): ReadonlyArray<string> =>
  (["addresses", "models", "expiresAt", "allocated"] as const).flatMap((field) =>
    isSame(field, from, to) ? [] : [`${words[field]}: ${settingText(from, field)} → ${settingText(to, field)}`]
  )

/** Versions of the upstream may show it; the documented one does not. */
const shownLimitType = (key: ProxyKey): LimitType | undefined => {
  const shown = key.other["limit_type"]
  return Schema.is(LimitType)(shown) ? shown : undefined
}

const inWholeSeconds = (at: DateTime.Utc): DateTime.Utc => DateTime.unsafeMake((wholeSeconds(at) ?? 0) * 1000)
