import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { candidates, makingsOf } from "./Making.ts"
import type { ReplaceAction } from "./Values.ts"

/** A key that a run has made in place of another, or may have made, where the reply to its create was lost. */
export interface Heir {
  readonly old: KeyId
  readonly id: KeyId
  readonly run: RunId
  /** Its run has come to its end with it. Else it was left half way, and nobody may have its value. */
  readonly settled: boolean
}

/** Every such key that the log tells of, oldest first; `listed` tells what a create of unknown end has made. Pure. */
export const heirsIn = (records: ReadonlyArray<LogRecord>, listed: ReadonlyArray<ProxyKey>): ReadonlyArray<Heir> => {
  const runs = new Map<RunId, Array<LogRecord>>()
  for (const record of records) {
    if (record.run === null) continue
    if (record.event._tag === "ValuesPlanned") runs.set(record.run, [])
    runs.get(record.run)?.push(record)
  }
  return [...runs].flatMap(([run, own]) => {
    const makings = makingsOf(own, run)
    const done = new Set(
      own.flatMap(({ event }) =>
        event._tag === "RunFinished" ? event.keys.flatMap(({ id, outcome }) => (outcome === "done" ? [id] : [])) : []
      )
    )
    return [...makings].flatMap(([old, making]) => {
      const open = making.open === null ? [] : candidates(making, listed, makings).map(({ id }) => id)
      const ids = making.made === null ? open : [making.made]
      return ids.map((id): Heir => ({ old, id, run, settled: done.has(old) }))
    })
  })
}

/** The last of them that the account has in place of this key. */
export const heirOf = (heirs: ReadonlyArray<Heir>, old: KeyId, listed: ReadonlyArray<ProxyKey>): Heir | undefined =>
  heirs.filter((heir) => heir.old === old && listed.some(({ id }) => id === heir.id)).at(-1)

/** How a run that was left half way goes on, or is given up. */
const unfinished = ({ id, run }: Heir): string =>
  `${run} has made ${id} in its place and did not come to its end: keysweep resume ${run}; or, if nobody uses the new key, keysweep delete --key ${id}, and plan again`

/** Why there is nothing to do for an old key: the account has a key in its place. */
export const replacedBy = (heir: Heir): string => (heir.settled ? `replaced already, by ${heir.id}` : unfinished(heir))

/** A key that is not meant where the other one is there. */
export interface Aside {
  readonly other: KeyId
  readonly reason: string
  /** Of a run that waits to be resumed. */
  readonly unfinished: boolean
}

/**
 * Of a key and the one that was made in its place, which have one name, the one that nobody means: a new key whose run was
 * left half way while the old one works; and of two that are gone, the one that was not in use last.
 */
export const setAside = (
  action: ReplaceAction,
  heirs: ReadonlyArray<Heir>,
  from: ReadonlyArray<ProxyKey>
): ReadonlyMap<KeyId, Aside> => {
  const keys = new Map(from.map((key) => [key.id, key]))
  return new Map(
    heirs.flatMap((heir): ReadonlyArray<readonly [KeyId, Aside]> => {
      const { id, old, run, settled } = heir
      const before = keys.get(old)
      if (before === undefined || !keys.has(id)) return []
      if (action === "rotate") {
        if (settled || !before.active) return []
        const reason = `${run} has made it in place of ${old}, which still works, and did not come to its end: keysweep resume ${run}; or delete the one of the two that nobody uses`
        return [[id, { other: old, reason, unfinished: true }]]
      }
      return settled
        ? [[old, { other: id, reason: `${id} has replaced it since`, unfinished: false }]]
        : [[id, { other: old, reason: `it never came to stand in for ${old}`, unfinished: false }]]
    })
  )
}
