import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { json, makeWorld, type World } from "./World.ts"

let world: World
beforeAll(async () => {
  world = await makeWorld({ scale: 600, args: ["--rpm", "1000"] })
  mkdirSync(world.home, { recursive: true })
  writeFileSync(join(world.home, "keysweep.yaml"), "owners: [{ name: 'staging*', service: team-web }]\n")
})
afterAll(() => world.close())

interface Key {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly used: number
  readonly createdAt: string
  readonly lastUsedAt: string | null
  readonly models: ReadonlyArray<string>
  readonly addresses: ReadonlyArray<string>
}

describe("a selector typed as an option selects the keys that it promises:", () => {
  const day = 86_400_000
  const since = (at: string, time: string) => Date.parse(at) - Date.parse(time)
  it.each<readonly [ReadonlyArray<string>, (key: Key, at: string) => boolean]>([
    [["--owner", "team-*"], ({ name }) => name === "staging"],
    [["--state", "expired", "--state", "disabled"], ({ state }) => state === "expired" || state === "disabled"],
    [["--idle", "30d"], ({ createdAt, lastUsedAt }, at) => since(at, lastUsedAt ?? createdAt) >= 30 * day],
    [["--older-than", "20w"], ({ createdAt }, at) => since(at, createdAt) >= 140 * day],
    [["--unused"], ({ lastUsedAt }) => lastUsedAt === null],
    [["--unrestricted"], ({ addresses, models }) => addresses.length === 0 && models.length === 0],
    [["--spent-below", "2.5"], ({ used }) => used < 2.5],
    [["--where", 'used > 10.0 && name.glob("s*")'], ({ name, used }) => used > 10 && name.startsWith("s")],
    [
      ["--unrestricted", "--idle", "2d"],
      ({ addresses, lastUsedAt, models }, at) =>
        [...addresses, ...models].length === 0 && lastUsedAt !== null && since(at, lastUsedAt) >= 2 * day
    ]
  ])("%j", async (words, isMeant) => {
    const { at, keys }: { readonly at: string; readonly keys: ReadonlyArray<Key> } = await json(world, "list")
    const { explain } = await json(world, "plan", "delete", "--reason", "test", ...words, "--explain")
    const ids = (rows: ReadonlyArray<{ readonly id: string }>) => rows.map(({ id }) => id).sort()
    const meant = keys.filter((key) => isMeant(key, at))
    assert.isNotEmpty(meant)
    assert.deepStrictEqual(ids(explain.selected), ids(meant))
    assert.deepStrictEqual(ids(explain.left), ids(keys.filter((key) => !meant.includes(key))))
  })
})

describe("--explain", () => {
  it("says on a page why each key is in or out, and the plan comes after it", async () => {
    const ran = await world.run(["plan", "disable", "--reason", "test", "--unused", "--older-than", "1w", "--explain"])
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.match(ran.stdout, /^in .*was made \d+ days ago; was never used$/mu)
    assert.match(ran.stdout, /^out .*was used/mu)
    assert.isBelow(ran.stdout.indexOf("out "), ran.stdout.indexOf("Plan: disable"))
  })

  it("says so too where nothing is to be done", async () => {
    const ran = await world.run(["plan", "disable", "--reason", "test", "--name", "zzz", "--explain"])
    assert.strictEqual(ran.exit, 0)
    assert.strictEqual(ran.stdout.match(/^out /gmu)?.length, 12)
    assert.include(ran.stdout, "Nothing to do")
  })
})

describe("what cannot be understood is refused before anything is sent:", () => {
  it.each([
    [["--idle", "1y"], '--idle takes a time like 90m, 12h, 30d or 2w; "1y" is none.'],
    [["--older-than", "soon"], "--older-than takes a time"],
    [["--state", "disable"], "Did you mean disabled?"],
    [["--state", "gone"], "A key is active, disabled, expired or exhausted."],
    [["--spent-below", "ten"], "--spent-below takes a number of credits"],
    [["--spent-below", "1e9"], "--spent-below takes a number of credits"]
  ])("%j", async (words, hint) => {
    const before = (await world.requests()).length
    for (const command of [["plan", "delete"], ["delete"], ["disable"], ["enable"]]) {
      const ran = await world.run([...command, ...words])
      assert.strictEqual(ran.exit, 2)
      assert.include(ran.stderr, hint)
    }
    assert.strictEqual((await world.requests()).length, before)
  })

  it("an expression, with the place marked by a caret", async () => {
    const ran = await world.run(["plan", "delete", "--reason", "test", "--where", "idle > days(30) && ownr == ''"])
    assert.strictEqual(ran.exit, 2)
    const lines = ran.stderr.split("\n")
    const at = lines.findIndex((line) => line.trim() === "^")
    assert.strictEqual(lines[at - 1]?.indexOf("ownr"), lines[at]?.indexOf("^"), ran.stderr)
    const { excerpt, exit, message } = JSON.parse(
      (await world.run(["plan", "delete", "--reason", "test", "--where", "nam == 'x'", "--json"])).stdout
    )
    assert.deepStrictEqual([excerpt, exit], ["nam == 'x'\n^", 2])
    assert.include(message, "line 1, column 1")
  })
})
