import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { makeWorld, python, type World } from "./World.ts"

let world: World
let staging = ""
beforeAll(async () => {
  world = await makeWorld({ scale: 600, args: ["--rpm", "1000"] })
  staging = (await world.state()).accounts[0]?.keys.find(({ name }) => name === "staging")?.key ?? assert.fail()
})
afterAll(() => world.close())

describe("leaked keys", () => {
  it("I8: a report on standard input becomes a plan for the account's own keys; its values are nowhere", async () => {
    const finding = (Raw: string) =>
      JSON.stringify({
        SourceMetadata: { Data: { Git: { file: "app/.env", line: 3 } } },
        DetectorName: "CustomRegex",
        Raw,
        ExtraData: null
      })
    const input = [staging, "ek-proxy-of-somebody-else"].map(finding).join("\n")
    const ran = await world.run(["plan", "disable", "--leaked-from", "-", "--json"], { input })
    assert.strictEqual(ran.exit, 0, ran.stderr)
    const plan = JSON.parse(ran.stdout)
    assert.deepStrictEqual(
      plan.keys.map(({ name }: { readonly name: string }) => name),
      ["staging"]
    )
    assert.include(plan.reason, "app/.env:3")
    assert.strictEqual(plan.skipped[0].name, "not ours")
    for (const { path, text } of await world.files()) assert.notInclude(text, staging, path)
    const broken = await world.run(["disable", "--leaked-from", "-"], { input: `${input.slice(0, -9)}` })
    assert.strictEqual(broken.exit, 2)
    assert.notInclude(broken.stderr, staging)
  })

  it.skipIf(!python)("at a terminal the value is asked for and not shown, and then the disabling", async () => {
    const ran = await world.terminal(
      ["disable", "--leaked"],
      [
        { expect: "The key \\(it is not shown\\): ", send: `${staging}\r` },
        { expect: "\\[y/N\\] ", send: "y\n" }
      ]
    )
    assert.strictEqual(ran.exit, 0, ran.stdout)
    assert.notInclude(ran.stdout, staging)
    const keys = (await world.state()).accounts[0]?.keys ?? []
    assert.isFalse(keys.find(({ name }) => name === "staging")?.is_active)
  })
})
