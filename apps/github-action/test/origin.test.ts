import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "vitest"
import { type Inputs, makeWorld } from "./World.ts"

it.each([
  ["to delete", { action: "delete" }],
  ["to rotate", { action: "rotate", sinks: 'command:["true"]' }]
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
    assert.strictEqual((await at("alice/keys", "main")(apply)).outputs["outcome"], "done")
  }
)
