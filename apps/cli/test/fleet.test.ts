import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { makeWorld, python, type World } from "./World.ts"

let world: World
beforeAll(async () => {
  world = await makeWorld({ scale: 600, args: ["--rpm", "1000"] })
  mkdirSync(world.home, { recursive: true })
  writeFileSync(
    join(world.home, "keysweep.yaml"),
    "accounts: [{ label: main, keyFrom: ELECTRONHUB_API_KEY }, { label: other, keyFrom: OTHER_KEY }]\n"
  )
})
afterAll(() => world.close())
const env = { OTHER_KEY: "ek-of-nobody-0123456789abcdef" }

describe("several accounts", () => {
  it("one report and one exit code: what fails on one account keeps the other from nothing", async () => {
    const ran = await world.run(["list", "--all-accounts", "--json"], { env })
    assert.strictEqual(ran.exit, 5, ran.stderr)
    const { accounts, outcome, schema } = JSON.parse(ran.stdout)
    assert.deepStrictEqual([schema, outcome], ["keysweep.fleet/1", "credentials"])
    const rows = accounts.map((it: { label: string; outcome: string; document: { keys: [] } | null }) => [
      it.label,
      it.outcome,
      it.document?.keys.length ?? null
    ])
    assert.deepStrictEqual(rows, [
      ["main", "done", 12],
      ["other", "credentials", null]
    ])
    const wrong = await world.run(["list", "--account", "main,othr"], { env })
    assert.strictEqual(wrong.exit, 2)
    assert.include(wrong.stderr, "did you mean other?")
  })

  it.skipIf(!python)("the phrase names the accounts that it is for", async () => {
    const phrase = { expect: "Type .*?(disable 1 main).*to go on: ", send: "{1}\n" }
    const ran = await world.terminal(["disable", "--all-accounts", "--key", "staging", "--reason", "test"], [phrase], {
      env
    })
    assert.strictEqual(ran.exit, 5, ran.stdout)
    const staging = (await world.state()).accounts[0]?.keys.find(({ name }) => name === "staging")
    assert.isFalse(staging?.is_active)
  })
})
