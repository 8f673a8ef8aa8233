import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { makeWorld, type World } from "./World.ts"

let world: World
const write = (name: string, text: string) => writeFileSync(join(world.folder, name), text)
beforeAll(async () => {
  world = await makeWorld({ scale: 600 })
  write(
    "good.yaml",
    "protected: [{ name: 'production-*', why: takes payments }]\nowners: [{ name: stag*, person: Ada }]\nautomatic: [{ action: delete, finding: expired }]\n"
  )
  write("bad.yaml", "people: [{ name: Ada, slak: U1 }]\napprovals: { delete: two }\nprotect: []\n")
})
afterAll(() => world.close())

describe("config check", () => {
  it("says what a good file holds, and that no file is no rule", async () => {
    const good = await world.run(["config", "check", "good.yaml"])
    assert.strictEqual(good.exit, 0, good.stderr)
    assert.include(good.stdout, "1 owner, 1 protection and 1 automatic class")
    const none = await world.run(["config", "check"])
    assert.strictEqual(none.exit, 0, none.stderr)
    assert.include(none.stdout, "There are no settings")
    const { digest, schema } = JSON.parse((await world.run(["config", "check", "good.yaml", "--json"])).stdout)
    assert.deepStrictEqual([schema, digest.length], ["keysweep.config-check/1", 64])
  })

  it("names every mistake with its place, each on a line of its own, and is exit code 2", async () => {
    const ran = await world.run(["config", "check", "bad.yaml"])
    assert.strictEqual(ran.exit, 2)
    const lines = ran.stderr.split("\n").map((line) => line.trim())
    for (const place of ["people.0.slak (line 1):", "approvals.delete (line 2):", "protect (line 3):"]) {
      assert.lengthOf(
        lines.filter((line) => line.startsWith(place)),
        1,
        ran.stderr
      )
    }
    const { details, exit } = JSON.parse((await world.run(["config", "check", "bad.yaml", "--json"])).stdout)
    assert.deepStrictEqual([details.length, exit], [3, 2])
    assert.strictEqual((await world.run(["config", "check", "nowhere.yaml"])).exit, 2)
  })

  it("checks the file that commands go by, and never one of the working directory", async () => {
    write("keysweep.yaml", "protect: []\n")
    assert.include((await world.run(["config", "check"])).stdout, "There are no settings")
    const named = await world.run(["config", "check"], { env: { KEYSWEEP_CONFIG: join(world.folder, "bad.yaml") } })
    assert.strictEqual(named.exit, 2)
    const listed = await world.run(["list"], { env: { KEYSWEEP_CONFIG: join(world.folder, "bad.yaml") } })
    assert.include(listed.stderr, "bad.yaml cannot be used.")
  })
})

describe("--account", () => {
  it("takes the key of an account of the settings, from its command or variable, once and never printed", async () => {
    const counting = "fs.appendFileSync('asked', '.'); console.log(process.env.OF_THE_LAB)"
    const accounts = [
      { label: "lab", keyCommand: [process.execPath, "-e", counting] },
      { label: "shop", keyFrom: "OF_THE_SHOP", baseUrl: "https://example.org/v1" }
    ]
    write("accounts.yaml", JSON.stringify({ accounts }))
    const env = {
      KEYSWEEP_CONFIG: join(world.folder, "accounts.yaml"),
      ELECTRONHUB_API_KEY: undefined,
      OF_THE_LAB: world.apiKey
    }
    const audited = await world.run(["audit", "--account", "lab"], { env })
    assert.strictEqual(audited.exit, 0, audited.stderr)
    assert.strictEqual(readFileSync(join(world.folder, "asked"), "utf8"), ".")
    assert.notInclude(audited.stdout + audited.stderr, world.apiKey)
    assert.strictEqual((await world.run(["log", "show", "--account", "lab"], { env })).exit, 0)

    const before = (await world.requests()).length
    for (const [words, told] of [
      [["list", "--account", "lob"], "did you mean lab?"],
      [["list", "--account", "shop"], "OF_THE_SHOP is not set"],
      [["list"], "there are lab, shop"]
    ] as const) {
      const ran = await world.run(words, { env })
      assert.strictEqual(ran.exit, 2)
      assert.include(ran.stderr, told)
    }
    assert.strictEqual((await world.requests()).length, before)
  })
})

describe("policy test", () => {
  it("says of each key of a saved inventory which rules touch it, without a request", async () => {
    write("keys.json", (await world.run(["list", "--json"])).stdout)
    const before = (await world.requests()).length
    const env = { ELECTRONHUB_API_KEY: undefined }
    const ran = await world.run(["policy", "test", "keys.json", "--config", "good.yaml"], { env })
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.match(ran.stdout, /^production-web +takes payments +kf_/mu)
    assert.match(ran.stdout, /^staging +Ada +normal +kf_/mu)
    assert.include(ran.stdout, "12 keys: 2 protected, 1 with an owner, 1 of an automatic class.")
    const { keys, schema } = JSON.parse(
      (await world.run(["policy", "test", "keys.json", "--config", "good.yaml", "--json"], { env })).stdout
    )
    assert.deepStrictEqual([schema, keys.length], ["keysweep.policy-test/1", 12])
    assert.strictEqual((await world.requests()).length, before)
  })

  it("refuses what is no inventory, and to test nothing", async () => {
    assert.strictEqual((await world.run(["policy", "test", "good.yaml", "--config", "good.yaml"])).exit, 2)
    assert.strictEqual((await world.run(["policy", "test", "keys.json"])).exit, 2)
  })
})

describe("init", () => {
  it("writes settings that config check takes, for their owner only, and never over others", async () => {
    const home = join(world.folder, "fresh")
    const run = (words: ReadonlyArray<string>, more: object = {}) =>
      world.run(words, { env: { KEYSWEEP_HOME: home, ...more } })
    const first = await run(["init", "--account", "production"])
    assert.strictEqual(first.exit, 0, first.stderr)
    const file = join(home, "keysweep.yaml")
    assert.strictEqual(statSync(file).mode & 0o777, 0o600)
    const [check, again, wrong] = await Promise.all([
      run(["config", "check"]),
      run(["init"]),
      run(["init", "--account", "a b"], { KEYSWEEP_CONFIG: join(world.folder, "new.yaml") })
    ])
    assert.strictEqual(check.exit, 0, check.stderr)
    assert.strictEqual(again.exit, 2)
    assert.strictEqual(wrong.exit, 2)
    assert.match(wrong.stderr, /accounts.*label/s)
    assert.isFalse(existsSync(join(world.folder, "new.yaml")))
  })
})
