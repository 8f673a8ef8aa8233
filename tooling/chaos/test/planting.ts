import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import type { Request, Scene } from "../src/Scene.ts"

/** What is wrong, in which scene, how it is put there, and what the checker says of it. */
export type Planted = readonly [what: string, scene: string, plant: (scene: Scene) => Scene, found: RegExp]

export type Records = ReadonlyArray<LogRecord>
export type Tag = LogRecord["event"]["_tag"]

export const records =
  (change: (all: Records) => Records) =>
  (scene: Scene): Scene => ({ ...scene, records: change(scene.records) })
export const without = (tag: Tag) => records((all) => all.filter(({ event }) => event._tag !== tag))
export const each = (change: (record: LogRecord) => LogRecord) => records((all) => all.map(change))
export const requests =
  (change: (all: ReadonlyArray<Request>) => ReadonlyArray<Request>) =>
  (scene: Scene): Scene => ({ ...scene, requests: change(scene.requests) })
export const after =
  (name: string, change: (key: ProxyKey) => ProxyKey | null) =>
  (scene: Scene): Scene => {
    const keys = new Map(scene.after)
    const [id, key] = [...scene.before].find(([, it]) => it.name === name) ?? []
    const next = key === undefined ? null : change(key)
    if (id !== undefined && next === null) keys.delete(id)
    if (id !== undefined && next !== null) keys.set(id, next)
    return { ...scene, after: keys }
  }
export const heir =
  (name: string, change: (key: ProxyKey) => ProxyKey) =>
  (scene: Scene): Scene => ({
    ...scene,
    after: new Map(
      [...scene.after].map(([id, key]) => [id, key.name === name && !scene.before.has(id) ? change(key) : key])
    )
  })
export const unknown =
  (name: string) =>
  (scene: Scene): Scene => ({ ...scene, before: new Map([...scene.before].filter(([, key]) => key.name !== name)) })
export const keyNamed = (scene: Scene, name: string): KeyId | null =>
  [...scene.before.values()].find((key) => key.name === name)?.id ?? null
export const both =
  (...changes: ReadonlyArray<(scene: Scene) => Scene>) =>
  (scene: Scene): Scene =>
    changes.reduce((it, change) => change(it), scene)
export const worked = { at: 0, by: "us", call: "toggle", key: null, status: 200 } as const
export const doubledStart = (another: Partial<LogRecord>) =>
  records((all) =>
    all.flatMap((record) => (record.event._tag === "RunStarted" ? [record, { ...record, ...another }] : [record]))
  )
