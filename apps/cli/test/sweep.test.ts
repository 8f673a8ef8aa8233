import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { json, names, secretsOf, type State, useWorlds } from "./World.ts"

const aWorld = useWorlds()
const balance = (state: State) => state.accounts[0]?.balance ?? 0

describe("a sweep", () => {
  it("deletes every key, proves it, returns the credit, backs up, and keeps no secret anywhere (I1, I8, I10)", async () => {
    const world = await aWorld({ scale: 600 })
    const before = await world.state()
    const said: Array<string> = []
    const run = async (...words: ReadonlyArray<string>) => {
      const ran = await world.run(words)
      said.push(ran.stdout, ran.stderr)
      assert.strictEqual(ran.exit, 0, ran.stderr + ran.stdout)
      return ran
    }
    await run("list")
    await run("plan", "delete-all", "--reason", "the account is closed", "--out", "plan.json")
    assert.deepStrictEqual((await world.state()).accounts, before.accounts)
    const plan = JSON.parse(readFileSync(join(world.folder, "plan.json"), "utf8"))
    const applied = await run("apply", "plan.json", "--confirm", plan.hash, "--log-level", "trace")
    for (const told of [
      / debug DELETE delete-all: 200 in \d+ ms/,
      / debug wrote \S+\.age/,
      / trace wrote to \S+\.jsonl/
    ])
      assert.match(applied.stderr, told)
    assert.include(applied.stdout, "12 of 12 keys deleted, proven by a fresh reading")

    const after = await world.state()
    assert.deepStrictEqual(names(after), [])
    const expected = plan.creditExpected
    assert.closeTo(balance(after) - balance(before), expected, 0.01)

    assert.include((await run("log", "verify")).stdout, "verifies: ")
    assert.include((await run("backup", "verify")).stdout, "12 keys, whole, and it opens")
    await run("log", "show")
    await run("backup", "list")
    const everything = [...said, ...world.files().map(({ text }) => text)].join("\n")
    for (const secret of secretsOf(before)) assert.isFalse(everything.includes(secret), "a secret was written")
    assert.notMatch(everything, /ek-(?:proxy-)?[0-9a-zA-Z]{8}/)
    assert.isTrue((await world.requests()).every(({ status }) => status !== 429))
  })

  it("I2: touches exactly the planned keys", async () => {
    const world = await aWorld({ scale: 600 })
    const before = await world.state()
    const plan = await json(world, "plan", "delete", "--reason", "test", "--key", "staging", "--name", "stag*")
    assert.deepStrictEqual(
      plan.keys.map(({ name }: { readonly name: string }) => name),
      ["staging"]
    )
    const receipt = JSON.parse((await world.run(["apply", plan.file, "--confirm", plan.hash, "--json"])).stdout)
    assert.strictEqual(receipt.schema, "keysweep.receipt/1")
    assert.strictEqual(receipt.outcome, "done")
    assert.deepStrictEqual(
      names(await world.state()),
      names(before).filter((name) => name !== "staging")
    )
  })

  it("contain narrows a key as it says, and refuses to guess what an update would replace", async () => {
    const world = await aWorld({ scale: 600 })
    const office = ["contain", "--key", "staging", "--addresses", "203.0.113.7, 203.0.113.8", "--expires", "7d"]
    const guess = await world.run(["plan", ...office, "--reason", "test", "--json"])
    assert.strictEqual(guess.exit, 2)
    assert.include(JSON.parse(guess.stdout).details.join(), "limit type")
    const plan = await json(world, "plan", ...office, "--limit-type", "daily", "--reason", "test")
    assert.deepStrictEqual(plan.keys[0].becomes.addresses, ["203.0.113.7", "203.0.113.8"])
    const applied = await world.run(["apply", plan.file, "--confirm", plan.hash])
    assert.include(applied.stdout, "1 of 1 key contained, proven by a fresh reading")
    assert.include((await world.run(["plan", "show", plan.file])).stdout, "addresses: any → 203.0.113.7, 203.0.113.8")
    const [key] = (await world.state()).accounts[0]?.keys.filter(({ name }) => name === "staging") ?? []
    assert.deepStrictEqual([key?.ip_whitelist, key?.allocated_ammount], [["203.0.113.7", "203.0.113.8"], 50])
  })

  it("disables and enables again", async () => {
    const world = await aWorld({ scale: 600 })
    const active = async () => (await world.state()).accounts[0]?.keys.find(({ name }) => name === "staging")?.is_active
    for (const [action, wanted] of [
      ["disable", false],
      ["enable", true]
    ] as const) {
      const plan = await json(world, "plan", action, "--reason", "test", "--key", "staging")
      await json(world, "apply", plan.file, "--confirm", plan.hash)
      assert.strictEqual(await active(), wanted)
    }
  })
})

describe("the records", () => {
  it("that were touched end verification with exit code 7, and say what is wrong", async () => {
    const world = await aWorld({ scale: 600 })
    const plan = await json(world, "plan", "disable", "--reason", "test", "--key", "staging")
    await json(world, "apply", plan.file, "--confirm", plan.hash)
    const auditor = { env: { ELECTRONHUB_API_KEY: undefined } }
    const whole = await world.run(["log", "verify"], auditor)
    assert.strictEqual(whole.exit, 0, whole.stdout + whole.stderr)
    const file = (ending: string) =>
      world.files().find(({ path, text }) => path.endsWith(ending) && text !== "") ?? { path: "", text: "" }
    const log = file(".jsonl")
    writeFileSync(log.path, log.text.replace('"os:', '"xx:'), "latin1")
    const logged = await world.run(["log", "verify"])
    assert.strictEqual(logged.exit, 7, logged.stdout + logged.stderr)
    assert.include(logged.stdout, "does not verify: record 1")
    const backup = file(".age")
    writeFileSync(backup.path, backup.text.slice(0, -10), "latin1")
    const backed = await world.run(["backup", "verify"])
    assert.strictEqual(backed.exit, 7, backed.stdout + backed.stderr)
    assert.include(backed.stderr, "truncated")
  })
})

describe("a rate limit that others have used up", () => {
  it("is named, waited out, and not touched meanwhile", async () => {
    const world = await aWorld({ scale: 60 })
    await world.control("faults", [
      { match: { method: "GET", path: "/v1/auth/proxy" }, kind: "status", status: 429, times: 1 }
    ])
    const ran = await world.run(["list"])
    assert.strictEqual(ran.exit, 0, ran.stderr)
    assert.include(ran.stderr, "the account is locked by its rate limit for another")
    const listed = (await world.requests()).filter(({ path }) => path === "/v1/auth/proxy")
    assert.deepStrictEqual(
      listed.map(({ status }) => status),
      [429, 200]
    )
  })
})
