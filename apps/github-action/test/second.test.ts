import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { RunOptions, RunTarget } from "github-action-ts-run-api"
import { assert, it } from "vitest"
import { makeWorld } from "./World.ts"

it("somebody else's idea of a runner reads the same: action.yml, masks, outputs, annotations, exit code", async () => {
  const world = await makeWorld()
  const file = join(world.folder, "action/action.yml")
  copyFileSync(fileURLToPath(new URL("../action.yml", import.meta.url)), file)
  const token = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
  const target = RunTarget.mainJs(file)
  const run = (inputs: { readonly [name: string]: string }) =>
    target.run(
      RunOptions.create()
        .setInputs({ ...world.base, "github-token": token, ...inputs })
        .setEnv({ KEYSWEEP_TIME_SCALE: "60", PATH: process.env["PATH"] })
        .setGithubContext({
          actor: "octocat",
          eventName: "workflow_dispatch",
          payload: { repository: { private: true, full_name: "alice/keys", name: "keys", owner: { login: "alice" } } }
        })
        .setOutputOptions({ printStdout: false, printStderr: false })
    )
  const done = await run({ command: "audit" })
  assert.deepStrictEqual([done.exitCode, done.commands.outputs["outcome"]], [0, "done"], done.stdout)
  assert.deepStrictEqual([done.commands.secrets, done.runnerWarnings], [[world.apiKey, token], []])
  const refused = await run({ command: "aply", expired: "yes" })
  assert.deepStrictEqual([refused.exitCode, refused.commands.outputs["outcome"]], [2, "refused"])
  assert.strictEqual(refused.commands.errors.length, 2)
})
