import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { type Inputs, makeWorld } from "./World.ts"

it.each([
  ["to delete", { action: "delete" }],
  ["to rotate", { action: "rotate", sinks: 'command:["cat"]' }]
])(
  "a plan %s of another branch or repository is blocked where settings say so, and applied at home",
  async (_, act) => {
    const world = await makeWorld(["--rpm", "1000"])
    const home = join(world.folder, "home")
    mkdirSync(home)
    writeFileSync(join(home, "keysweep.yaml"), "origin: ref\n")
    const at = (repository: string, branch: string) => (inputs: Inputs) =>
      world.run(
        { ...world.base, home, ...inputs },
        { env: { GITHUB_REPOSITORY: repository, GITHUB_REF: `refs/heads/${branch}` } }
      )
    const planned = await at("alice/keys", "main")({ command: "plan", names: "staging", reason: "a test", ...act })
    const { "plan-hash": confirm = "", "plan-path": path = "" } = planned.outputs
    const apply = { command: "apply", "plan-path": path, confirm }
    for (const [repository, branch] of [
      ["alice/keys", "feature"],
      ["mallory/keys", "main"]
    ] as const) {
      const ran = await at(repository, branch)(apply)
      assert.deepStrictEqual([ran.outputs["outcome"], ran.exit], ["blocked", 3], ran.stdout)
      assert.include(ran.errors.join(), `made in alice/keys on refs/heads/main, and this is in ${repository}`)
    }
    assert.strictEqual(await world.writes(), 0)
    const applied = await at("alice/keys", "main")(apply)
    assert.strictEqual(applied.outputs["outcome"], "done", applied.stdout + applied.summary)
  }
)

it.each([
  ["deletion", { action: "delete", names: "hackathon-*" }, "*/remove"],
  ["rotation", { action: "rotate", names: "staging", sinks: 'command:["cat"]' }, "*/toggle"]
])("a %s that did not end is gone on with in no other repository, where settings say so", async (_, act, path) => {
  const world = await makeWorld(["--rpm", "1000"])
  const home = join(world.folder, "home")
  mkdirSync(home)
  writeFileSync(join(home, "keysweep.yaml"), "origin: repository\n")
  const at = (repository: string, inputs: Inputs) =>
    world.run(
      { ...world.base, home, ...inputs },
      { env: { GITHUB_REPOSITORY: repository, GITHUB_REF: "refs/heads/main" } }
    )
  const planned = await at("alice/keys", { command: "plan", reason: "a test", ...act })
  await world.control("faults", [{ kind: "status", status: 401, body: "{}", match: { method: "POST", path } }])
  const { "plan-hash": confirm = "", "plan-path": file = "" } = planned.outputs
  const began = await at("alice/keys", { command: "apply", "plan-path": file, confirm })
  assert.strictEqual(began.outputs["outcome"], "credentials", began.stdout + began.summary)
  const writes = await world.writes()
  const elsewhere = await at("mallory/keys", { command: "resume" })
  assert.deepStrictEqual([elsewhere.outputs["outcome"], elsewhere.exit], ["blocked", 3], elsewhere.stdout)
  assert.include(elsewhere.errors.join(), "made in alice/keys on refs/heads/main, and this is in mallory/keys")
  assert.strictEqual(await world.writes(), writes)
  assert.strictEqual((await at("alice/keys", { command: "resume" })).outputs["outcome"], "done")
})
