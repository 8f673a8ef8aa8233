import { type KeyId, type ProxyKey } from "@keysweep/core/ProxyKey"
import { nameIn, type Rule } from "../Checker.ts"
import { type Intent, intentsOf, runsOf, touchedBySomebody } from "../LogReading.ts"
import { isWrite, type Request, type Scene } from "../Scene.ts"

/** I1: each write of ours has an intent of its own before it, and a backup of the key's settings before that. */
export const intentAndBackupFirst: Rule = (scene) => {
  const free = new Set(intentsOf(scene))
  return scene.requests
    .filter((request) => request.by === "us" && isWrite(request))
    .flatMap((request) => {
      const intent = [...free].find((it) => fits(it, request))
      if (intent === undefined) return [`a request ${text(scene, request)} has no intent before it`]
      free.delete(intent)
      return intent.keys.flatMap((key) => backupProblems(scene, intent, key))
    })
}

const fits = ({ at, call, keys }: Intent, request: Request): boolean =>
  call === request.call && at <= request.at && (request.key === null || keys.includes(request.key))

/** Bound to the request, not to the whole run: a backup that was taken later does not help. */
const backupProblems = (scene: Scene, intent: Intent, key: KeyId): ReadonlyArray<string> => {
  // What the run itself has made, it can make again.
  if (runsOf(scene).some(({ id, made }) => id === intent.run && [...made.values()].includes(key))) return []
  const what = `before the ${intent.call} of ${nameIn(scene, key)}`
  const taken = scene.records.flatMap(({ event, seq }) =>
    event._tag === "BackupTaken" && seq < intent.seq && event.keys.includes(key) ? [event] : []
  )
  const missing = scene.records.some(
    ({ event, run, seq }) =>
      event._tag === "BackupMissing" && run === intent.run && seq < intent.seq && event.keys.includes(key)
  )
  if (taken.length === 0) return missing ? [] : [`no backup on record ${what}`]
  const held = taken.flatMap((event) => {
    const stored = scene.backups.find(({ id, sha256 }) => id === event.backup && sha256 === event.sha256)
    return (stored?.keys ?? []).filter(({ id }) => id === key)
  })
  if (held.length === 0) return [`no backup that opens and holds it ${what}`]
  const was = scene.before.get(key)
  return was === undefined || touchedBySomebody(scene).has(key) || held.some((it) => settings(it) === settings(was))
    ? []
    : [`the backup ${what} does not hold its settings`]
}

/** What the state at the upstream and a list show alike. */
const settings = ({ active, allocated, expiresAt, models, name }: ProxyKey): string =>
  JSON.stringify({ active, allocated, expiresAt, models, name })

const text = (scene: Scene, { call, key, status }: Request): string =>
  `${call}${key === null ? "" : ` of ${nameIn(scene, key)}`} (${status ?? "no reply"})`
