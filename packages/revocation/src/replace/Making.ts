import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import { isMadeFrom, type NewKey } from "@keysweep/core/KeySettings"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import type { DateTime } from "effect"

/** How far a run has come with the new key in place of one old key, as the log says. */
export interface Making {
  /** What the last create was to make, and which keys were there before; `null`: none was sent that could have arrived. */
  readonly sent: { readonly wanted: NewKey; readonly before: ReadonlyArray<KeyId> } | null
  /** The create of which nobody knows yet whether it arrived. */
  readonly open: string | null
  readonly made: KeyId | null
  /** That it replaces the old one is on record by itself. */
  readonly mapped: boolean
  readonly limited: boolean
  /** The calls that were to give it its limit type. An update of later lowers what it may spend. */
  readonly limits: ReadonlySet<string>
  /** Sinks that have the value. */
  readonly delivered: ReadonlySet<string>
  readonly validatedAt: DateTime.Utc | null
}

export const notBegun: Making = {
  sent: null,
  open: null,
  made: null,
  mapped: false,
  limited: false,
  limits: new Set(),
  delivered: new Set(),
  validatedAt: null
}

/** By old key. Pure, and from nothing but the log: what a killed run knew is lost. */
export const makingsOf = (records: ReadonlyArray<LogRecord>, run: RunId): ReadonlyMap<KeyId, Making> => {
  const makings = new Map<KeyId, Making>()
  const olds = new Map<KeyId, KeyId>()
  const calls = new Map<string, { readonly call: string; readonly key: KeyId }>()
  const change = (old: KeyId | undefined, to: Partial<Making>) => {
    if (old !== undefined) makings.set(old, { ...(makings.get(old) ?? notBegun), ...to })
  }
  const makingOf = (id: KeyId) => makings.get(olds.get(id) ?? id)
  const made = (old: KeyId, id: KeyId) => {
    olds.set(id, old)
    change(old, { made: id, open: null })
  }
  for (const { at, event, run: of } of records) {
    if (of !== run) continue
    switch (event._tag) {
      case "CallIntended": {
        const { call, key, keys = [], made: wanted } = event.intent
        if (key === undefined) break
        calls.set(event.id, { call, key })
        if (call === "create" && wanted !== undefined) change(key, { sent: { wanted, before: keys }, open: event.id })
        if (call === "update" && makingOf(key)?.validatedAt === null) {
          change(olds.get(key), { limits: new Set([...(makingOf(key)?.limits ?? []), event.id]) })
        }
        break
      }
      case "CallSettled": {
        const settled = calls.get(event.id)
        const { key, result } = event.outcome
        if (settled?.call === "create") {
          if (result === "done" && key !== undefined) made(settled.key, key)
          else if (result === "refused" || result === "undone") change(settled.key, { sent: null, open: null })
        } else if (settled !== undefined && result === "done" && makingOf(settled.key)?.limits.has(event.id)) {
          change(olds.get(settled.key), { limited: true })
        }
        break
      }
      case "KeyCreated":
        if (event.old === null) break
        made(event.old, event.new)
        change(event.old, { mapped: true })
        break
      case "ValueDelivered": {
        change(olds.get(event.key), { delivered: new Set([...(makingOf(event.key)?.delivered ?? []), event.sink]) })
        break
      }
      case "KeyValidated":
        change(olds.get(event.key), { validatedAt: at })
        break
    }
  }
  return makings
}

/** The keys that a create, whose end nobody knows, may have made: new since, with its settings, and no other one's. */
export const candidates = (
  making: Making,
  listed: ReadonlyArray<ProxyKey>,
  makings: ReadonlyMap<KeyId, Making>
): ReadonlyArray<ProxyKey> => {
  const { sent } = making
  if (sent === null) return []
  const taken = new Set([...makings.values()].map((it) => it.made))
  return listed.filter((key) => !sent.before.includes(key.id) && !taken.has(key.id) && isMadeFrom(key, sent.wanted))
}
