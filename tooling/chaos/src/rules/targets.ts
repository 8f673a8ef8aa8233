import { hasSettings } from "@keysweep/core/KeySettings"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { nameIn, type Rule } from "../Checker.ts"
import { intentsOf, reachOf, type Run, runsOf, touchedBySomebody } from "../LogReading.ts"
import { isWrite, type Scene } from "../Scene.ts"

/** I2: what was meant, what was sent and what has changed are planned keys, and no other. */
export const onlyPlannedKeys: Rule = (scene) => {
  const runs = runsOf(scene)
  const planned = new Set(runs.flatMap((run) => [...reachOf(run)]))
  const meant = intentsOf(scene).flatMap(({ call, keys, run }) => {
    const found = runs.find(({ id }) => id === run)
    const own = found === undefined ? new Set() : reachOf(found)
    return keys.filter((key) => !own.has(key)).map((key) => `the ${call} of ${nameIn(scene, key)} is not in its plan`)
  })
  const sent = scene.requests.flatMap((request) =>
    request.by === "us" && isWrite(request) && request.key !== null && !planned.has(request.key)
      ? [`a ${request.call} of ${nameIn(scene, request.key)} was sent, which nobody planned`]
      : []
  )
  const somebody = touchedBySomebody(scene)
  const changed = [...scene.before.keys()].flatMap((key) =>
    planned.has(key) || somebody.has(key) || stateOf(scene, "before", key) === stateOf(scene, "after", key)
      ? []
      : [`${nameIn(scene, key)} has changed, which nobody planned`]
  )
  return [...meant, ...sent, ...changed, ...swept(scene, runs)]
}

/** A delete-all looks again before it goes: a key that was made before that look must have stopped it. */
const swept = (scene: Scene, runs: ReadonlyArray<Run>): ReadonlyArray<string> => {
  const panics = scene.records.filter(({ event }) => event._tag === "Confirmed" && event.how === "typed").length > 0
  const bulk = scene.requests.findIndex(({ by, call }) => by === "us" && call === "delete-all")
  if (bulk < 0 || panics || runs.length === 0) return []
  const look = scene.requests.findLastIndex(({ by, call }, index) => by === "us" && call === "list" && index < bulk)
  const made = scene.requests
    .slice(0, look)
    .filter(({ by, call, status }) => by === "somebody" && call === "create" && status !== null && status < 300)
  return made.length > 0 ? ["a delete-all was sent after a look that showed an unplanned key"] : []
}

/** All that a run can change: applications use keys meanwhile. */
const stateOf = (scene: Scene, when: "before" | "after", id: KeyId): string => {
  const key = scene[when].get(id)
  return JSON.stringify(key === undefined ? null : { ...key, used: 0, lastUsedAt: null })
}

/** I10: what the log calls done is so, unless somebody has changed it since the proof. */
export const doneIsDone: Rule = (scene) =>
  runsOf(scene).flatMap((run, index, runs) => {
    const { finished } = run
    if (finished === null) return []
    // What a later run took back, the later one answers for.
    const later = new Set(runs.slice(index + 1).flatMap((it) => (it.action === "release" ? it.planned : [])))
    const proof = scene.requests.findLast(({ at, by, call }) => by === "us" && call === "list" && at <= finished.at)
    const since = new Set(
      scene.requests.flatMap(({ at, by, key }) =>
        by === "somebody" && at >= (proof?.at ?? 0) - longestDelay ? [key] : []
      )
    )
    const wrong = finished.keys
      .filter(({ id, outcome }) => outcome === "done" && !since.has(id) && !later.has(id) && !isDone(run, scene, id))
      .map(({ id }) => `${nameIn(scene, id)} is called done and is not`)
    const open = finished.keys.filter(({ outcome }) => outcome !== "done" && outcome !== "already-gone")
    return finished.outcome === "done" && open.length > 0
      ? [...wrong, `${run.id} is called done with ${open.length} keys that are not`]
      : wrong
  })

/** Milliseconds for which the upstream may hold a request back before it does what was asked. */
const longestDelay = 1000

const isDone = (run: Run, scene: Scene, id: KeyId): boolean => {
  const key = scene.after.get(id)
  switch (run.action) {
    case "contain":
    case "release": {
      const wanted = run.becomes.get(id)
      return key !== undefined && wanted !== undefined && hasSettings(key, wanted)
    }
    case "delete":
    case "delete-all":
      return key === undefined
    case "disable":
      return key === undefined || !key.active
    case "enable":
      return key !== undefined && key.active
    case "recreate":
      return isReplaced(run, scene, id, scene.before.get(id)?.active === true)
    case "rotate":
      return key?.active !== true && isReplaced(run, scene, id, true)
    default:
      return false
  }
}

/** A new key is there with the settings that its create asked for, and may spend no more than the old one had left. */
const isReplaced = ({ id: run, made }: Run, scene: Scene, old: KeyId, active: boolean): boolean => {
  const heir = scene.after.get(made.get(old) ?? old)
  const wanted = intentsOf(scene).findLast(
    (it) => it.run === run && it.call === "create" && it.keys.includes(old)
  )?.wanted
  if (heir === undefined || heir.id === old || wanted === null || wanted === undefined) return false
  const left = lastSeen(scene, old)?.remaining
  const may = left === undefined ? heir.allocated : Math.max(left, heir.used, 1)
  return (
    heir.active === active && hasSettings({ ...heir, allocated: wanted.allocated }, wanted) && heir.allocated === may
  )
}

/** The key as it is; what it was before, where it is gone and nobody has spent since. */
const lastSeen = ({ after, before, credit }: Scene, id: KeyId): ProxyKey | undefined =>
  after.get(id) ?? (credit.spent === 0 ? before.get(id) : undefined)
