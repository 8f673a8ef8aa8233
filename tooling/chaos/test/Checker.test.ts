import { assert, beforeAll, describe, it } from "@effect/vitest"
import { fromCredits } from "@keysweep/core/Credit"
import { ProxyKey } from "@keysweep/core/ProxyKey"
import { rmSync } from "node:fs"
import { inArenas, withArenas } from "../src/Arena.ts"
import { problemsOf } from "../src/Checker.ts"
import { endStateOf } from "../src/EndState.ts"
import type { Scene } from "../src/Scene.ts"
import { readScene } from "../src/SceneReading.ts"
import { scenarios } from "../src/Scenario.ts"

import { after, both, doubledStart, each, keyNamed, requests, without, worked } from "./planting.ts"
import { plantedInRuns } from "./plantedInRuns.ts"
import { plantedInValues } from "./plantedInValues.ts"

/** Scenes of real runs that nobody disturbed; and one whose log was lost after the first write. */
const scenes = new Map<string, Scene>()
const sceneOf = (name: string): Scene => {
  const scene = scenes.get(name)
  if (scene === undefined) throw new Error(`there is no scene ${name}`)
  return scene
}

beforeAll(
  () =>
    withArenas(2, async (arenas) => {
      const cases = scenarios
        .filter(({ broken }) => broken === null)
        .flatMap((scenario) => (["path", "static"] as const).map((dialect) => ({ scenario, dialect })))
      await inArenas(arenas, cases, async (arena, { dialect, scenario }) => {
        const { beginning, task } = await arena.begin(scenario, dialect)
        await arena.run({ dialect, task, recover: false })
        scenes.set(`${scenario.name} ${dialect}`, await readScene(arena, beginning, ""))
      })
      const [arena] = arenas
      const [disable] = scenarios
      if (arena === undefined || disable === undefined) throw new Error("there is no scenario, or no place for it")
      const { beginning, task } = await arena.begin(disable, "path")
      await arena.run({ dialect: "path", task, recover: false, kill: { port: "call", stage: "after", number: 2 } })
      rmSync(`${arena.home}/accounts`, { recursive: true })
      await arena.run({ dialect: "path", task, recover: true })
      scenes.set("lost log", await readScene(arena, beginning, ""))
    }),
  240_000
)

describe("Checker", () => {
  it("finds nothing where nothing is wrong", () => {
    const undisturbed = [...scenes].filter(([name]) => name !== "lost log")
    assert.lengthOf(undisturbed, 26)
    for (const [name, scene] of undisturbed) {
      assert.deepStrictEqual([name, problemsOf(scene)], [name, []])
      assert.isAbove(scene.requests.length, 2, name)
      assert.isAbove(scene.files.length, 5, name)
      // A new master key changes nothing that a backup could bring back.
      if (name.startsWith("regenerate")) assert.lengthOf(scene.backups, 0)
      else assert.isAbove(scene.backups[0]?.keys?.length ?? 0, 1, name)
    }
  })

  it.each([...plantedInRuns, ...plantedInValues])("finds %s", (_, name, plant, found) => {
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

  it("what an application spends with a key is nobody's change of it, and is not lost", () => {
    const spending = (spent: number) =>
      both(
        after("kept", (key) => ProxyKey.make({ ...key, used: fromCredits(key.used / 1_000_000 + 1) })),
        (scene) => ({ ...scene, credit: { ...scene.credit, spent } })
      )(sceneOf("disable path"))
    assert.deepStrictEqual(problemsOf(spending(1_000_000)), [])
    assert.deepStrictEqual(problemsOf(spending(0)), ["credit: 170000000 micro-credits became 169000000"])
  })

  it("the end state tells keys, credit and outcomes apart, and nothing else", () => {
    const scene = sceneOf("delete path")
    const same = endStateOf(scene)
    assert.strictEqual(endStateOf({ ...scene, requests: [], backups: [] }), same)
    const others = [
      after("kept", () => null),
      without("KeyRetired"),
      (it: Scene) => ({ ...it, credit: { ...it.credit, after: it.credit.after + 1 } }),
      each((it) => (it.event._tag === "RunFinished" ? { ...it, event: { ...it.event, outcome: "partial" } } : it)),
      each((it) => (it.event._tag === "RunFinished" ? { ...it, event: { ...it.event, creditObserved: null } } : it)),
      without("RunFinished"),
      doubledStart({})
    ]
    for (const plant of others) assert.notStrictEqual(endStateOf(plant(scene)), same)
  })
})
