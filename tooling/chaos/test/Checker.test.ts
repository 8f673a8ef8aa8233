import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { rmSync } from "node:fs"
import { DateTime } from "effect"
import { withArenas } from "../src/Arena.ts"
import { problemsOf } from "../src/Checker.ts"
import { endStateOf } from "../src/EndState.ts"
import type { Request, Scene } from "../src/Scene.ts"
import { readScene } from "../src/SceneReading.ts"
import { scenarios } from "../src/Scenario.ts"

/** Scenes of real runs that nobody disturbed; and one whose log was lost after the first write. */
const scenes = new Map<string, Scene>()
const sceneOf = (name: string): Scene => {
  const scene = scenes.get(name)
  if (scene === undefined) throw new Error(`there is no scene ${name}`)
  return scene
}

beforeAll(
  () =>
    withArenas(1, async ([arena]) => {
      if (arena === undefined) throw new Error("there is no arena")
      for (const scenario of scenarios.filter(({ broken }) => broken === null)) {
        const task = await arena.taskOf(scenario)
        for (const dialect of ["path", "static"] as const) {
          await arena.clear(dialect)
          await arena.run({ dialect, task, recover: false })
          scenes.set(`${scenario.name} ${dialect}`, await readScene(arena.seed, arena.emulator, arena.home))
        }
      }
      const [disable] = scenarios
      if (disable === undefined) throw new Error("there is no scenario")
      const task = await arena.taskOf(disable)
      await arena.clear("path")
      await arena.run({ dialect: "path", task, recover: false, kill: { port: "call", stage: "after", number: 2 } })
      rmSync(`${arena.home}/accounts`, { recursive: true })
      await arena.run({ dialect: "path", task, recover: true })
      scenes.set("lost log", await readScene(arena.seed, arena.emulator, arena.home))
    }),
  240_000
)

type Records = ReadonlyArray<LogRecord>
type Tag = LogRecord["event"]["_tag"]

const records =
  (change: (all: Records) => Records) =>
  (scene: Scene): Scene => ({ ...scene, records: change(scene.records) })
const without = (tag: Tag) => records((all) => all.filter(({ event }) => event._tag !== tag))
const each = (change: (record: LogRecord) => LogRecord) => records((all) => all.map(change))
const requests =
  (change: (all: ReadonlyArray<Request>) => ReadonlyArray<Request>) =>
  (scene: Scene): Scene => ({ ...scene, requests: change(scene.requests) })
const after =
  (name: string, change: (key: ProxyKey) => ProxyKey | null) =>
  (scene: Scene): Scene => {
    const keys = new Map(scene.after)
    const [id, key] = [...scene.before].find(([, it]) => it.name === name) ?? []
    const next = key === undefined ? null : change(key)
    if (id !== undefined && next === null) keys.delete(id)
    if (id !== undefined && next !== null) keys.set(id, next)
    return { ...scene, after: keys }
  }
const keyNamed = (scene: Scene, name: string): KeyId | null =>
  [...scene.before.values()].find((key) => key.name === name)?.id ?? null
const both =
  (...changes: ReadonlyArray<(scene: Scene) => Scene>) =>
  (scene: Scene): Scene =>
    changes.reduce((it, change) => change(it), scene)
const worked = { at: 0, by: "us", call: "toggle", key: null, status: 200 } as const
const doubledStart = (another: Partial<LogRecord>) =>
  records((all) =>
    all.flatMap((record) => (record.event._tag === "RunStarted" ? [record, { ...record, ...another }] : [record]))
  )

const planted: ReadonlyArray<readonly [what: string, scene: string, plant: (scene: Scene) => Scene, found: RegExp]> = [
  ["a write without an intent", "delete path", without("CallIntended"), /^I1: .*remove of api.*no intent before it/m],
  [
    "a write without an intent, in the dialect that names no key",
    "delete static",
    without("CallIntended"),
    /^I1: .*no intent/m
  ],
  [
    "an intent that came after its write",
    "disable path",
    each((it) => (it.event._tag === "CallIntended" ? { ...it, at: DateTime.addDuration(it.at, "1 hour") } : it)),
    /^I1: .*no intent before it/m
  ],
  [
    "one intent for two writes",
    "delete-all path",
    requests((all) => all.flatMap((it) => (it.call === "delete-all" ? [it, it] : [it]))),
    /^I1: .*delete-all.*no intent/m
  ],
  [
    "a write without a backup",
    "disable path",
    without("BackupTaken"),
    /^I1: no backup on record before the toggle of api/m
  ],
  [
    "a backup that was taken after the intent",
    "delete-all path",
    each((it) => (it.event._tag === "BackupTaken" ? { ...it, seq: 999 } : it)),
    /^I1: no backup on record before the delete-all/m
  ],
  [
    "a backup that does not open",
    "delete path",
    (scene) => ({ ...scene, backups: scene.backups.map((it) => ({ ...it, keys: null })) }),
    /^I1: no backup that opens/m
  ],
  [
    "a backup that is not the one on record",
    "panic-delete path",
    (scene) => ({ ...scene, backups: scene.backups.map((it) => ({ ...it, sha256: "0" })) }),
    /^I1: no backup that opens/m
  ],
  [
    "a backup of other settings",
    "enable path",
    (scene) => ({ ...scene, backups: scene.backups.map((it) => ({ ...it, keys: [...scene.after.values()] })) }),
    /^I1: the backup .* does not hold its settings/m
  ],
  [
    "an intent for a key that is not in the plan",
    "disable static",
    each((it) =>
      it.event._tag === "RunStarted" ? { ...it, event: { ...it.event, keys: it.event.keys.slice(1) } } : it
    ),
    /^I2: the toggle of .* is not in its plan/m
  ],
  [
    "a request for a key that nobody planned",
    "disable path",
    (scene) => requests((all) => [...all, { ...worked, key: keyNamed(scene, "kept") }])(scene),
    /^I2: a toggle of kept was sent/m
  ],
  ["a change of a key that nobody planned", "delete static", after("kept", () => null), /^I2: kept has changed/m],
  [
    "a delete-all after a look that showed a newcomer",
    "delete-all path",
    requests((all) => [{ ...worked, by: "somebody", call: "create" }, ...all]),
    /^I2: a delete-all was sent after a look/m
  ],
  [
    "a deletion that the log does not know",
    "delete path",
    both(
      without("CallIntended"),
      requests(() => [])
    ),
    /^I6: api is gone, and the log does not say so/m
  ],
  [
    "an effect whose call the log calls undone",
    "disable static",
    each((it) =>
      it.event._tag === "CallSettled" ? { ...it, event: { ...it.event, outcome: { result: "undone" } } } : it
    ),
    /^I6: api is disabled, and the log does not say so/m
  ],
  [
    "a call that was never settled",
    "delete-all path",
    without("CallSettled"),
    /^I6: the delete-all of .* was never settled/m
  ],
  [
    "a deleted key whose retirement is not on record",
    "panic-delete static",
    without("KeyRetired"),
    /^I6: .*retirement is not on record/m
  ],
  [
    "a key that was flipped twice",
    "enable path",
    requests((all) => all.flatMap((it) => (it.call === "toggle" ? [it, it] : [it]))),
    /^I6: old api was hit by 2 calls toggle/m
  ],
  [
    "more flips than planned keys, in the dialect that names no key",
    "enable static",
    requests((all) => [...all, worked]),
    /^I6: 4 calls toggle worked for 3 planned keys/m
  ],
  [
    "a run that deletes everything twice",
    "delete-all static",
    records((all) => all.flatMap((it) => (it.event._tag === "CallIntended" ? [it, it] : [it]))),
    /^I6: .* deleted everything 2 times/m
  ],
  [
    "a proxy key in a file",
    "delete path",
    (scene) => ({ ...scene, files: [...scene.files, { path: "x", text: `key: ${scene.secrets[1]}` }] }),
    /^I8: x holds a secret/m
  ],
  [
    "the master key in a file",
    "disable path",
    (scene) => ({ ...scene, files: [...scene.files, { path: "x", text: `key: ${scene.secrets[0]}` }] }),
    /^I8: x holds a secret/m
  ],
  [
    "a deleted key that is still there",
    "delete static",
    after("api", (key) => key),
    /^I10: api is called done and is not/m
  ],
  [
    "a disabled key that works",
    "panic-disable path",
    after("kept", (key) => key),
    /^I10: kept is called done and is not/m
  ],
  [
    "an enabled key that does not work",
    "enable static",
    after("old api", (key) => key),
    /^I10: old api is called done/m
  ],
  [
    "a run that is called done with a key that failed",
    "delete path",
    each((it) =>
      it.event._tag === "RunFinished"
        ? { ...it, event: { ...it.event, keys: it.event.keys.map(({ id }) => ({ id, outcome: "failed" })) } }
        : it
    ),
    /^I10: .* is called done with 3 keys that are not/m
  ],
  ["a plan that was used twice", "delete path", doubledStart({}), /^I11: plan .* began 2 runs/m],
  [
    "a log that does not verify",
    "enable path",
    (scene) => ({ ...scene, verification: { ok: false, seq: 3, problem: "edited", detail: "it was edited" } }),
    /^log: record 3: edited/m
  ],
  ["records without a log", "enable path", (scene) => ({ ...scene, verification: null }), /^log: there are records/m]
]

describe("Checker", () => {
  it("finds nothing where nothing is wrong", () => {
    const undisturbed = [...scenes].filter(([name]) => name !== "lost log")
    assert.lengthOf(undisturbed, 16)
    for (const [name, scene] of undisturbed) {
      assert.deepStrictEqual([name, problemsOf(scene)], [name, []])
      assert.isAbove(scene.requests.length, 2, name)
      assert.isAbove(scene.files.length, 5, name)
      assert.isAbove(scene.backups[0]?.keys?.length ?? 0, 1, name)
    }
  })

  it.each(planted)("finds %s", (_, name, plant, found) => {
    assert.match(problemsOf(plant(sceneOf(name))).join("\n"), found)
  })

  it("finds a real log that was lost after a write", () => {
    assert.match(problemsOf(sceneOf("lost log")).join("\n"), /^I1: .*toggle of .* no intent/m)
  })

  it("what somebody else did after the proof is not ours to answer for; what they did before it is no excuse", () => {
    const scene = sceneOf("disable path")
    const key = keyNamed(scene, "api")
    const enabled = (at: number) =>
      both(
        after("api", (it) => it),
        requests((all) => [...all, { ...worked, by: "somebody", key, at }])
      )(scene)
    assert.deepStrictEqual(problemsOf(enabled(Number.MAX_SAFE_INTEGER)), [])
    assert.deepStrictEqual(problemsOf(enabled(0)), ["I10: api is called done and is not"])
  })

  it("the end state tells keys, credit and outcomes apart, and nothing else", () => {
    const scene = sceneOf("delete path")
    const same = endStateOf(scene)
    assert.strictEqual(endStateOf({ ...scene, requests: [], backups: [] }), same)
    const others = [
      after("kept", () => null),
      without("KeyRetired"),
      (it: Scene) => ({ ...it, balance: it.balance + 1 }),
      each((it) => (it.event._tag === "RunFinished" ? { ...it, event: { ...it.event, outcome: "partial" } } : it)),
      each((it) => (it.event._tag === "RunFinished" ? { ...it, event: { ...it.event, creditObserved: null } } : it)),
      without("RunFinished"),
      doubledStart({})
    ]
    for (const plant of others) assert.notStrictEqual(endStateOf(plant(scene)), same)
  })
})
