import type { KeyId } from "@keysweep/core/ProxyKey"
import { nameIn, type Rule } from "../Checker.ts"
import { intentsOf, reachOf, runsOf, touchedBySomebody } from "../LogReading.ts"
import type { Scene } from "../Scene.ts"

/** I6: what has changed at the upstream, the log says; and of a run that ended it says how each of its calls ended. */
export const noEffectWithoutRecord: Rule = (scene) => {
  const intents = intentsOf(scene)
  const somebody = touchedBySomebody(scene)
  const silent = [...scene.before].flatMap(([id, was]) => {
    const now = scene.after.get(id)
    if (now?.active === was.active || somebody.has(id)) return []
    const told = intents.some(
      ({ call, keys, outcome }) =>
        call !== "create" && keys.includes(id) && (outcome === "done" || outcome === "unknown")
    )
    return told
      ? []
      : [
          `${was.name} is ${now === undefined ? "gone" : now.active ? "enabled" : "disabled"}, and the log does not say so`
        ]
  })
  const ended = runsOf(scene).filter(({ finished }) => finished !== null)
  const open = intents.filter(({ outcome, run }) => outcome === null && ended.some(({ id }) => id === run))
  return [
    ...silent,
    ...open.map(
      ({ call, keys }) => `the ${call} of ${keys.map((key) => nameIn(scene, key)).join(", ")} was never settled`
    ),
    ...ended.flatMap((run) => unretired(scene, run.id, run.action, run.finished?.keys ?? []))
  ]
}

/** A key that a run has retired is resolvable by its record. */
const unretired = (
  { records, ...scene }: Scene,
  run: string,
  action: string,
  keys: ReadonlyArray<{ readonly id: KeyId; readonly outcome: string }>
): ReadonlyArray<string> => {
  if (["enable", "contain", "release", "recreate"].includes(action)) return []
  const retired = new Set(
    records.flatMap((record) => (record.run === run && record.event._tag === "KeyRetired" ? [record.event.key.id] : []))
  )
  return (
    keys
      .filter(({ id, outcome }) => outcome === "done" && !retired.has(id))
      // What was disabled before is not retired by being disabled.
      .filter(({ id }) => (action !== "disable" && action !== "rotate") || scene.before.get(id)?.active !== false)
      .map(({ id }) => `${nameIn({ records, ...scene }, id)} is done, and its retirement is not on record`)
  )
}

/** I6: no key is flipped or deleted twice, no run deletes everything twice. */
export const noEffectTwice: Rule = (scene) => {
  const somebody = touchedBySomebody(scene)
  const done = scene.requests.filter(({ by, status }) => by === "us" && status === 200)
  const twice = (["toggle", "remove"] as const).flatMap((call) => {
    const calls = done.filter((request) => request.call === call)
    const byKey = [...new Set([...scene.before.keys(), ...scene.after.keys()])].flatMap((id) => {
      const count = calls.filter(({ key }) => key === id).length
      return count > 1 && !somebody.has(id)
        ? [`${nameIn(scene, id)} was hit by ${count} calls ${call} that worked`]
        : []
    })
    // Where the path names no key, there may be no more of them than planned keys.
    const nameless = calls.filter(({ key }) => key === null).length
    const planned = new Set(runsOf(scene).flatMap((run) => [...reachOf(run)])).size
    const many = somebody.size === 0 && nameless > planned
    return many ? [...byKey, `${nameless} calls ${call} worked for ${planned} planned keys`] : byKey
  })
  const bulk = runsOf(scene).flatMap(({ id }) => {
    const count = intentsOf(scene).filter(
      // Refused for the rate limit, it did nothing.
      ({ call, outcome, run }) => call === "delete-all" && run === id && outcome !== "refused"
    ).length
    return count > 1 ? [`${id} deleted everything ${count} times`] : []
  })
  return [...twice, ...bulk]
}
