import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { node24 } from "@keysweep/node24"
import { assert, it } from "vitest"
import { makeWorld } from "./World.ts"

it("I8: a scan of the checkout names files and lines, ten at most, and no secret", async () => {
  const world = await makeWorld()
  const secret = (await world.accounts())[0]?.keys[0]?.key ?? ""
  const workspace = join(world.folder, "workspace")
  const scan = (inputs: { readonly [name: string]: string }) =>
    world.run({ ...world.base, command: "scan", ...inputs }, { node: node24 ?? process.execPath })
  const clean = await scan({})
  assert.deepStrictEqual([clean.outputs["outcome"], clean.exit], ["done", 0], clean.stdout)

  writeFileSync(join(workspace, ".env"), `A=1\nKEY=${secret}\nOTHER=${secret}\n`)
  mkdirSync(join(workspace, "::error::pwned,line=1"))
  for (let at = 0; at < 14; at++) writeFileSync(join(workspace, `::error::pwned,line=1/${at}%0A.txt`), `\n\n${secret}`)
  const found = await scan({})
  assert.deepStrictEqual([found.outputs["outcome"], found.exit], ["findings", 8], found.stdout)
  assert.deepInclude(JSON.parse(found.outputs["summary-counts"] ?? ""), { places: 16, known: 16 })
  const annotations = found.stdout.split("\n").filter((line) => line.startsWith("::error "))
  assert.strictEqual(annotations.length, 10)
  assert.match(found.stdout, /^::error title=[^,]*,file=\.env,line=2::proxy key kf_\w+, and 1 more in this file$/m)
  assert.notMatch(found.stdout, /^::error::/m)
  assert.match(annotations.at(-1) ?? "", /title=Keysweep%3A 7 more::/)
  const sarif = JSON.parse(readFileSync(found.outputs["sarif-path"] ?? "", "utf8"))
  assert.strictEqual(sarif.runs[0].results.length, 16)
  assert.isFalse(JSON.stringify([found.stdout, found.summary, found.outputs, sarif]).includes(secret))

  const told = await scan({ "fail-on": "never", paths: ".env" })
  assert.deepStrictEqual([told.outputs["outcome"], told.exit], ["done", 0])
  assert.match(told.stdout, /^::warning title=[^,]*,file=\.env,line=2::/m)
  assert.strictEqual(await world.writes(), 0)
})

it("an audit fails at the severity that was asked for, and its SARIF names no key", async () => {
  const world = await makeWorld()
  const names = ((await world.accounts())[0]?.keys ?? []).map(({ name }) => name)
  const audit = (failOn: string) => world.run({ ...world.base, command: "audit", "fail-on": failOn })
  const failed = await audit("note")
  assert.deepStrictEqual([failed.outputs["outcome"], failed.exit], ["findings", 8])
  const sarif = readFileSync(failed.outputs["sarif-path"] ?? "", "utf8")
  assert.deepStrictEqual(
    names.filter((name) => sarif.includes(name)),
    []
  )
  const wrong = await audit("known")
  assert.deepStrictEqual([wrong.outputs["outcome"], wrong.exit], ["refused", 2])
})
