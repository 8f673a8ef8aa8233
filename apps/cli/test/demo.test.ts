import { assert, describe, it } from "vitest"
import { python, useWorlds } from "./World.ts"

const aWorld = useWorlds()

describe("the demo", () => {
  it("without a terminal confirms by hash, and its checks all hold", async () => {
    const world = await aWorld()
    const ran = await world.run(["demo"], { env: { ELECTRONHUB_API_KEY: undefined, ELECTRONHUB_BASE_URL: undefined } })
    assert.strictEqual(ran.exit, 0, ran.stdout + ran.stderr)
    assert.notInclude(ran.stdout, "✗")
    assert.match(ran.stdout, /\$ keysweep apply plan\.json --confirm [0-9a-f]{64}\n/)
    assert.notMatch(ran.stdout + ran.stderr, /ek-(?:proxy-)?[0-9a-zA-Z]{8}/)
  })

  it.skipIf(!python)("at a terminal takes only the exact words; then its checks all hold", async () => {
    const world = await aWorld()
    const exact = { expect: "Type .*?(delete \\d+ acct_[a-z2-7]{16}).*to go on: ", send: "{1}\n" }
    const ran = await world.terminal(["demo"], [{ expect: "to go on: ", send: "yes\n" }, exact])
    assert.strictEqual(ran.exit, 0, ran.stdout)
    assert.include(ran.stdout, "That is not the phrase (attempt 2 of 3).")
  })

  it.skipIf(!python)("at a terminal where nobody confirms changes nothing, and says so with exit code 2", async () => {
    const world = await aWorld()
    const ran = await world.terminal(["demo"], [{ expect: "to go on: ", send: "\u0004" }])
    assert.strictEqual(ran.exit, 2, ran.stdout)
    assert.include(ran.stdout, "nothing was confirmed, and every key is as it was")
  })
})
