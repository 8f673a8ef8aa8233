import { LeakReported, type LeakSource } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import { type LogView, project } from "@keysweep/audit/Projection"
import { Account, type AccountId } from "@keysweep/core/Account"
import { canonicalJson } from "@keysweep/core/Canonical"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Effect } from "effect"
import type { Reading } from "../Inventory.ts"
import type { Plan, PlanRequest } from "../Plan.ts"
import { isEmpty, SelectionRefused } from "../Selection.ts"
import type { Leak } from "./Leak.ts"

/** What a report means for one account. */
export interface Judged {
  readonly ours: ReadonlyMap<KeyId, ReadonlyArray<Leak>>
  /** Findings of the account's own master key. */
  readonly master: ReadonlyArray<Leak>
  /** Keys that are deleted already, and what is no key of this account, each once. */
  readonly elsewhere: Plan["skipped"]
}

/** Pure: whose the found keys are, by their ids. */
export const judgeLeaks = (
  leaks: ReadonlyArray<Leak>,
  facts: {
    readonly keys: ReadonlyArray<{ readonly id: KeyId }>
    readonly retired: LogView["retired"]
    readonly credential: AccountId
  }
): Judged => {
  const known = new Set(facts.keys.map(({ id }) => id))
  const ours = new Map<KeyId, Array<Leak>>()
  const elsewhere = new Map<KeyId, Plan["skipped"][number]>()
  const master: Array<Leak> = []
  for (const leak of leaks) {
    if (leak.masters.includes(facts.credential)) master.push(leak)
    const mine = leak.keys.filter((id) => known.has(id))
    for (const id of mine) ours.set(id, [...(ours.get(id) ?? []), leak])
    const [first] = leak.keys
    if (mine.length > 0 || first === undefined) continue
    const id = leak.keys.find((it) => facts.retired.get(it)?.how === "deleted") ?? first
    const gone = facts.retired.get(id)
    elsewhere.set(
      id,
      gone === undefined
        ? { id, name: "not ours", reason: "no key of this account" }
        : { id, name: gone.key.name, reason: `deleted already, at ${DateTime.formatIso(gone.at)}` }
    )
  }
  return { ours, master, elsewhere: [...elsewhere.values()] }
}

export type TakenIn =
  | { readonly _tag: "Nothing"; readonly detail: string }
  | { readonly _tag: "Request"; readonly request: PlanRequest; readonly elsewhere: Plan["skipped"] }

/**
 * Records which of the account's keys are reported as leaked, and asks for exactly those. Nothing is sent about a key
 * that is not in the reading. A single value that somebody handed over must be a key of the account, as a name must be;
 * a report that names none is nothing to do.
 */
export const takeIn = (request: PlanRequest, leaks: ReadonlyArray<Leak>, reading: Reading) =>
  Effect.gen(function* () {
    if (request.selector !== undefined && !isEmpty(request.selector)) {
      return yield* refuse("Leaked keys and another choice contradict each other: say one of the two.")
    }
    const { credential } = yield* Account
    const log = yield* Log
    const records = yield* log.records
    const { elsewhere, master, ours } = judgeLeaks(leaks, {
      keys: reading.listing.keys,
      retired: project(records).retired,
      credential
    })
    const known = new Set(reportsIn(records).map((it) => canonicalJson(it)))
    const found = [...ours, ...(master.length === 0 ? [] : [[null, master] as const])]
    for (const [key, all] of found) {
      for (const { detector, place, source } of all) {
        const report = { key, source, detector, place }
        if (!known.has(canonicalJson(report))) yield* log.append(LeakReported.make(report))
        known.add(canonicalJson(report))
      }
    }
    const taken: TakenIn =
      ours.size === 0
        ? yield* noneOurs(leaks, elsewhere, master)
        : {
            _tag: "Request",
            request: { ...request, selector: { keys: [...ours.keys()] }, reason: reasonOf(request, ours) },
            elsewhere
          }
    return taken
  }).pipe(Effect.withSpan("LeakIntake.takeIn"))

const refuse = (detail: string) => new SelectionRefused({ detail, candidates: [], place: null })

const noneOurs = (
  leaks: ReadonlyArray<Leak>,
  elsewhere: Plan["skipped"],
  master: ReadonlyArray<Leak>
): Effect.Effect<TakenIn, SelectionRefused> => {
  if (master.length > 0) {
    return refuse(
      "This is the account's own master key. No key of the account is safe: stop them (keysweep panic), then replace it (keysweep master-key regenerate)."
    )
  }
  const told = elsewhere.map(({ id, name, reason }) => `${name} (${id}): ${reason}`)
  if (leaks.some(({ source }) => source === "typed") && elsewhere.every(({ name }) => name === "not ours")) {
    return refuse(`${told.join("; ")}. Nothing was sent about it.`)
  }
  const detail = told.length === 0 ? "the report names no Electron Hub proxy key" : told.slice(0, 10).join("; ")
  return Effect.succeed({
    _tag: "Nothing",
    detail: told.length > 10 ? `${detail}; and ${told.length - 10} more` : detail
  })
}

/** What was said, and where the keys were found: the places are evidence, the values are not here. */
const reasonOf = (request: PlanRequest, ours: Judged["ours"]): string => {
  const places = [...ours].flatMap(([id, leaks]) =>
    leaks.map(
      ({ detector, place, source }) =>
        `${id}${source === "typed" ? " handed over" : ` by ${source}`}${detector === null ? "" : ` (${detector})`}${place === null ? "" : ` in ${place}`}`
    )
  )
  const shown = [...new Set(places)]
  const more = shown.length > shownPlaces ? [`and ${shown.length - shownPlaces} more`] : []
  const found = `leaked: ${[...shown.slice(0, shownPlaces), ...more].join(", ")}`
  const said = (request.reason ?? "").trim()
  return said === "" ? found : `${said}; ${found}`
}

const shownPlaces = 5

type Report = Pick<typeof LeakReported.Type, "key" | "source" | "detector" | "place">

const reportsIn = (records: ReadonlyArray<LogRecord>): ReadonlyArray<Report> =>
  records.flatMap(({ event }) =>
    event._tag === "LeakReported"
      ? [{ key: event.key, source: event.source, detector: event.detector, place: event.place }]
      : []
  )

/** By whom keys of the account were reported as leaked, from the log. */
export const leaksIn = (records: ReadonlyArray<LogRecord>): ReadonlyMap<KeyId, ReadonlySet<LeakSource>> => {
  const leaks = new Map<KeyId, Set<LeakSource>>()
  for (const { key, source } of reportsIn(records)) {
    if (key !== null) leaks.set(key, new Set(leaks.get(key)).add(source))
  }
  return leaks
}
