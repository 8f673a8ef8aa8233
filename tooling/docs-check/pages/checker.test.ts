import { afterAll, assert, beforeAll, it } from "vitest"
import { type Bench, openBench } from "../src/Bench.ts"
import { check, isChecked } from "../src/Check.ts"
import { parsePage } from "../src/Page.ts"
import { root } from "../src/Pages.ts"
import { typeErrors } from "../src/TypeScript.ts"

let bench: Bench

beforeAll(async () => {
  bench = await openBench(root)
})
afterAll(() => bench.close())

/** Checks the blocks of a page one after the other; the first complaint, or nothing. */
const complaint = async (...lines: ReadonlyArray<string>): Promise<string> => {
  for (const block of parsePage(lines.join("\n")).blocks.filter(isChecked)) {
    const failed = await check(block, "block", "", () => bench).then(
      () => "",
      (error: Error) => error.message
    )
    if (failed !== "") return failed
  }
  return ""
}

it("runs a page's commands with keysweep on the path and an emulated account in the environment", async () => {
  assert.strictEqual(await complaint("```sh", "keysweep --version", "npx -y keysweep --version", "```"), "")
  const ask = `node -e 'fetch(process.env.ELECTRONHUB_BASE_URL + "/auth/proxy", { headers: { authorization: "Bearer " + process.env.ELECTRONHUB_API_KEY } }).then(async (r) => console.log(r.status, Array.isArray(await r.json())))'`
  assert.strictEqual(await complaint("```sh", ask, "```", "```text", "200 …", "```"), "")
})

it("complains of a command that fails, with what it printed", async () => {
  assert.include(await complaint("```sh", "echo so far; false; echo not this", "```"), "so far")
})

it("complains of an expected failure that does not come", async () => {
  assert.strictEqual(await complaint("```sh exit=3", "exit 3", "```"), "")
  assert.notStrictEqual(await complaint("```sh exit=3", "true", "```"), "")
})

it("complains of output that the page shows and the command does not print", async () => {
  assert.include(await complaint("```sh", "echo eleven", "```", "```text", "twelve", "```"), "twelve")
  assert.include(await complaint("```console", "$ echo eleven", "twelve", "```"), "twelve")
  assert.strictEqual(await complaint("```console", "$ echo eleven", "eleven", "$ true", "```"), "")
})

it("carries files and exports from one block to the next", async () => {
  assert.strictEqual(
    await complaint("```sh", "export NAME=plan; touch $NAME.json", "```", "```bash", '[ -e "$NAME.json" ]', "```"),
    ""
  )
})

it("waits for what runs in the background to say something", async () => {
  assert.strictEqual(
    await complaint("```sh background", "touch up; echo ready; sleep 60", "```", "```sh", "[ -e up ]", "```"),
    ""
  )
})

it("complains of a block that is skipped without a reason, and of data that does not parse", async () => {
  assert.include(await complaint("```sh skip", "true", "```"), "says why")
  assert.include(await complaint("```json", "{,}", "```"), "JSON")
})

it("type-checks programs against the built packages, and runs them", async () => {
  const good = `import { Effect } from "effect"\nconsole.log(Effect.runSync(Effect.succeed("made by a program")))`
  const errors = await typeErrors(
    new Map([
      ["good", good],
      ["bad", `export const wrong: number = "text"`],
      ["ours", `import type { ProxyKey } from "@keysweep/core/ProxyKey"\nexport type Key = ProxyKey`]
    ])
  )
  assert.deepStrictEqual([...errors.keys()], ["bad"])
  assert.strictEqual(await complaint("```ts run", good, "```"), "")
})
