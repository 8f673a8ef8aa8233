import { hasSettings } from "@keysweep/core/KeySettings"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { nameIn, type Rule } from "../Checker.ts"
import { intentsOf, type Run, runsOf, touchedBySomebody } from "../LogReading.ts"
import { isWrite, type Scene } from "../Scene.ts"

/** I2: what was meant, what was sent and what has changed are planned keys, and no other. */
export const onlyPlannedKeys: Rule = (scene) => {
  const runs = runsOf(scene)
  const planned = new Set(runs.flatMap((run) => run.planned))
  const meant = intentsOf(scene).flatMap(({ call, keys, run }) => {
    const own = new Set(runs.find(({ id }) => id === run)?.planned)
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
    .filter(({ by, call, status }) => by === "somebody" && call === "create" && status === 200)
  return made.length > 0 ? ["a delete-all was sent after a look that showed an unplanned key"] : []
}

const stateOf = (scene: Scene, when: "before" | "after", id: KeyId): string =>
  JSON.stringify(scene[when].get(id) ?? null)

/** I10: what the log calls done is so, unless somebody has changed it since the proof. */
export const doneIsDone: Rule = (scene) =>
  runsOf(scene).flatMap((run) => {
    const { finished } = run
    if (finished === null) return []
    const proof = scene.requests.findLast(({ at, by, call }) => by === "us" && call === "list" && at <= finished.at)
    const since = new Set(
      scene.requests.flatMap(({ at, by, key }) =>
        by === "somebody" && at >= (proof?.at ?? 0) - longestDelay ? [key] : []
      )
    )
    const wrong = finished.keys
      .filter(({ id, outcome }) => outcome === "done" && !since.has(id) && !isDone(run, scene, id))
      .map(({ id }) => `${nameIn(scene, id)} is called done and is not`)
    const open = finished.keys.filter(({ outcome }) => outcome !== "done" && outcome !== "already-gone")
    return finished.outcome === "done" && open.length > 0
      ? [...wrong, `${run.id} is called done with ${open.length} keys that are not`]
      : wrong
  })

/** Milliseconds for which the upstream may hold a request back before it does what was asked. */
const longestDelay = 1000

const isDone = ({ action, becomes }: Run, { after }: Scene, id: KeyId): boolean => {
  const key = after.get(id)
  switch (action) {
    case "contain": {
      const wanted = becomes.get(id)
      return key !== undefined && wanted !== undefined && hasSettings(key, wanted)
    }
    case "delete":
    case "delete-all":
      return key === undefined
    case "disable":
      return key === undefined || !key.active
    case "enable":
      return key !== undefined && key.active
    default:
      return false
  }
}
