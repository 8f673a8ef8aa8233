import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Bench, openBench } from "../src/Bench.ts"
import { check, isChecked, isProgram, isRun } from "../src/Check.ts"
import { type Block, parsePage } from "../src/Page.ts"
import { pages, root } from "../src/Pages.ts"
import { typeErrors } from "../src/TypeScript.ts"

const read = pages(/^(?:README\.md|docs\/.*|(?:packages|apps)\/[^/]+\/README\.md)$/).map((path) => ({
  path,
  blocks: parsePage(readFileSync(join(root, path), "utf8")).blocks.filter(isChecked)
}))

const nameOf = (path: string, { line }: Block) => `${path.replace(/\W+/g, "-")}-${line}`

let rejected: ReadonlyMap<string, string> = new Map()

beforeAll(async () => {
  const programs = read.flatMap(({ path, blocks }) =>
    blocks
      .filter((block) => isProgram(block) && !("skip" in block.marks))
      .map((block) => [nameOf(path, block), block.text] as const)
  )
  if (programs.length > 0) rejected = await typeErrors(new Map(programs))
})

it("finds the pages", () => {
  assert.include(
    read.map(({ path }) => path),
    "README.md"
  )
})

describe.each(read.filter(({ blocks }) => blocks.length > 0))("$path", ({ path, blocks }) => {
  let bench: Bench | undefined

  beforeAll(async () => {
    if (blocks.some(isRun)) bench = await openBench(root)
  })
  afterAll(() => bench?.close())

  const opened = (): Bench => {
    if (bench === undefined) throw new Error("this page has no bench")
    return bench
  }

  for (const block of blocks) {
    const reason = block.marks["skip"] ?? ""
    const title = `line ${block.line}: ${block.text.trim().split("\n")[0] ?? ""}`
    it.skipIf(reason !== "")(reason === "" ? title : `${title} (not run: ${reason})`, async () => {
      const name = nameOf(path, block)
      await check(block, name, rejected.get(name) ?? rejected.get("") ?? "", opened)
    })
  }
})
