import { assert, describe, it } from "vitest"
import { json, useWorlds, type World } from "./World.ts"

const aWorld = useWorlds()

/** What somebody does in the vendor's console, behind our back. */
const toggle = async (world: World, name: string) => {
  const key = (await world.state()).accounts[0]?.keys.find((it) => it.name === name)?.key ?? assert.fail(name)
  const reply = await fetch(`${world.url}/auth/proxy/toggle`, {
    method: "POST",
    headers: { authorization: `Bearer ${world.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ proxy_key: key })
  })
  assert.strictEqual(reply.status, 200)
}

describe("audit", () => {
  it("names the worst first, and fails with 8 at the severity that it is told to, never otherwise", async () => {
    const world = await aWorld({ scale: 600, args: ["--rpm", "1000"] })
    const ran = await world.run(["audit"])
    assert.strictEqual(ran.exit, 0, ran.stderr)
    const rows = ran.stdout.split("\n").filter((line) => /kf_[a-z2-7]{16}$/u.test(line))
    const severities = rows.map((line) => line.split(" ")[0])
    assert.deepStrictEqual([...new Set(severities)], ["error", "warning", "note"])
    assert.strictEqual((await world.run(["audit", "--fail-on", "error"])).exit, 8)
    assert.strictEqual((await world.run(["audit", "--fail-on", "error", "--json"])).exit, 8)
    assert.strictEqual((await world.run(["audit", "--fail-on", "never"])).exit, 0)
    const empty = await aWorld({ scale: 600, seed: "empty" })
    const clean = await empty.run(["audit", "--fail-on", "note"])
    assert.strictEqual(clean.exit, 0)
    assert.include(clean.stdout, "Nothing remarkable")
  })

  it("says what changed since the last inventory, and which had none before it", async () => {
    const world = await aWorld({ scale: 600, args: ["--rpm", "1000"] })
    assert.strictEqual((await json(world, "audit")).drift, null)
    assert.include((await world.run(["audit"])).stdout, "no setting changed, since the last inventory")
    await toggle(world, "staging")
    const changed = await world.run(["audit"])
    assert.match(changed.stdout, /changed: staging \(kf_[a-z2-7]{16}\), disabled/u)
    await toggle(world, "staging")
    const { drift, schema } = await json(world, "audit")
    assert.deepStrictEqual([schema, drift.schema, drift.changed.length], ["keysweep.audit/1", "keysweep.drift/1", 1])
  })

  it("as SARIF is one document that names keys by id only; an unknown form is refused", async () => {
    const world = await aWorld({ scale: 600, args: ["--rpm", "1000"] })
    const { stdout } = await world.run(["audit", "--format", "sarif"])
    const { runs, version } = JSON.parse(stdout)
    assert.strictEqual(version, "2.1.0")
    assert.strictEqual(runs[0].results.length, (await json(world, "audit")).findings.length)
    assert.notInclude(stdout, "production")
    for (const words of [
      ["--format", "xml"],
      ["--format", "csv", "--json"],
      ["--fail-on", "bad"]
    ]) {
      assert.strictEqual((await world.run(["audit", ...words])).exit, 2)
    }
  })

  it("a partial reading is exit code 1, and the page says so", async () => {
    const world = await aWorld({ scale: 600 })
    const [key] = (await world.state()).accounts[0]?.keys ?? []
    const list = { method: "GET", path: "/v1/auth/proxy" }
    await world.control("faults", [{ match: list, kind: "status", status: 200, body: [key, {}], times: 1 }])
    const ran = await world.run(["audit"])
    assert.strictEqual(ran.exit, 1, ran.stdout + ran.stderr)
    assert.include(ran.stdout, "this is not all there is")
  })
})
