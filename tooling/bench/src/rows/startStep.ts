import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"
import { interleaved, millis } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { built, environment, inFolder, root } from "../Workspace.ts"

export const startStep: Row = {
  name: "start-step",
  title: "Start of the GitHub Actions step, against a step that only loads `@actions/core`",
  bar: { kind: "at most", ratio: 1.5 },
  how: "Both bundled, a process each time, from its start to its end: inputs are read and refused, one annotation, one output. The other loads the toolkit whole; the step leaves out its HTTP client, which it never calls.",
  run: ({ full }) =>
    inFolder(async (folder) => {
      const rounds = full ? 31 : 7
      const step = built("apps/github-action/dist/index.mjs")
      const minimal = await minimalStep(folder)
      const run = (file: string) => start(file, folder)
      const { against, ours, ratio } = await interleaved(
        rounds,
        async () => run(step),
        async () => run(minimal)
      )
      const what = "a step without inputs"
      return { note: `${rounds} pairs.`, cases: [{ what, ours: millis(ours), against: millis(against), ratio }] }
    })
}

const source = `import * as core from "@actions/core"
if (core.getInput("command") === "") core.error("must be a command", { title: "Input command" })
core.setOutput("outcome", "refused")
process.exitCode = 2
`

const minimalStep = async (folder: string): Promise<string> => {
  const input = join(folder, "minimal.ts")
  writeFileSync(input, source)
  const file = join(folder, "minimal.mjs")
  await build({
    input,
    platform: "node",
    // Where the step finds it.
    resolve: { modules: ["node_modules", join(root, "apps/github-action/node_modules")] },
    output: { file, format: "esm", minify: true, codeSplitting: false }
  })
  return file
}

const start = (file: string, folder: string): number => {
  const temp = join(folder, "temp")
  mkdirSync(temp, { recursive: true })
  for (const name of ["output", "summary"]) writeFileSync(join(folder, name), "")
  const env = environment({
    GITHUB_ACTOR: "octocat",
    GITHUB_EVENT_NAME: "workflow_dispatch",
    GITHUB_OUTPUT: join(folder, "output"),
    GITHUB_STEP_SUMMARY: join(folder, "summary"),
    RUNNER_TEMP: temp
  })
  const began = performance.now()
  const { status, stdout } = spawnSync(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] })
  const took = performance.now() - began
  if (status !== 2) throw new Error(`${file} ended with ${status}: ${stdout.toString("utf8")}`)
  return took
}
