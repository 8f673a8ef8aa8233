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

  it("run-due deletes what is due on each, and says where it could not look", async () => {
    const soak = ["--key", "old-mobile-app", "--then-delete", "--after", "1m", "--reason", "test"]
    const planned = await world.run(["plan", "disable", "--account", "main", "--json", ...soak], { env })
    const file = join(world.folder, "due.json")
    writeFileSync(file, planned.stdout)
    const hash: string = JSON.parse(planned.stdout).hash
    const applied = await world.run(["apply", file, "--account", "main", "--confirm", hash], { env })
    assert.strictEqual(applied.exit, 0, applied.stderr)
    const ran = await world.run(["run-due", "--account", "main,other", "--json"], { env })
    assert.strictEqual(ran.exit, 5, ran.stderr)
    const { accounts } = JSON.parse(ran.stdout)
    assert.deepStrictEqual(
      accounts.map((it: { outcome: string; document: { schema: string } | null }) => [it.outcome, it.document?.schema]),
      [
        ["done", "keysweep.due/1"],
        ["credentials", undefined]
      ]
    )
    const left = (await world.state()).accounts.flatMap(({ keys }) => keys.map(({ name }) => name))
    assert.notInclude(left, "old-mobile-app")
    const watching = await world.run(["run-due", "--all-accounts", "--watch"], { env })
    assert.strictEqual(watching.exit, 2, watching.stderr)
    assert.include(watching.stderr, "--watch watches one account")
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
