import { readdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, inject, it } from "vitest"
import { parse } from "yaml"
import config from "../rolldown.config.ts"
import { inputNames } from "../src/Inputs.ts"
import { written } from "./bundle.ts"
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

it("a step whose outputs cannot be written fails, says so, and has its page", async () => {
  const world = await makeWorld()
  const ran = await world.run({ ...world.base, command: "audit" }, { env: { GITHUB_OUTPUT: "/nowhere/output" } })
  assert.deepStrictEqual([ran.exit, ran.errors.length], [7, 1], ran.stdout)
  assert.include(ran.errors[0] ?? "", "output outcome cannot be written")
  assert.include(ran.summary, "## Keysweep: audit")
})

it("action.yml names the runtime and the file that is committed", () => {
  assert.deepStrictEqual(action.runs, { using: "node24", main: "dist/index.mjs" })
  assert.deepInclude(config.output, { dir: "dist", entryFileNames: "[name].mjs" })
  assert.deepStrictEqual(config.input, { index: "src/main.ts" })
})

it("the bundle is made of its sources byte for byte, twice the same, and names the licence of each part", async () => {
  const { output: _, ...input } = config
  const again = `${own}/node_modules/.cache/again`
  const modules = await written(input, again)
  const first = dirname(inject("action"))
  const names = readdirSync(first)
  assert.sameMembers(readdirSync(again), names)
  for (const name of names)
    assert.isTrue(readFileSync(`${again}/${name}`).equals(readFileSync(`${first}/${name}`)), name)
  const parts = new Set(
    modules.flatMap((id) => {
      const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(id) ?? []
      if (folder === undefined) return []
      const { license, name, version } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"))
      return [`${name} ${version} (${license})`]
    })
  )
  const notices = readFileSync(`${first}/THIRD-PARTY-NOTICES.txt`, "utf8").split("\n")
  assert.isAbove(parts.size, 20)
  assert.sameMembers(
    notices.filter((line) => /^[@\w./-]+ \d[\w.-]* \(.+\)$/.test(line)),
    [...parts]
  )
})

it("what every step loads first holds no HTTP client", () => {
  assert.notMatch(readFileSync(inject("action"), "utf8"), /undici|tunnel/)
})

it("the bundle imports nothing but Node and itself", () => {
  const folder = dirname(inject("action"))
  const names = readdirSync(folder).filter((name) => name.endsWith(".mjs"))
  const text = names.map((name) => readFileSync(`${folder}/${name}`, "utf8")).join("\n")
  const imported = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?"([^"]+)"|\brequire\("([^"]+)"\)/g)].map(
    ([, from, required]) => from ?? required ?? ""
  )
  const { builtinModules } = process.getBuiltinModule("node:module")
  assert.isAbove(imported.length, 5)
  assert.deepStrictEqual(
    imported.filter(
      (name) => !name.startsWith("node:") && !names.includes(name.replace("./", "")) && !builtinModules.includes(name)
    ),
    []
  )
})
