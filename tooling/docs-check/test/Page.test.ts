import { assert, it } from "vitest"
import { parsePage, slug } from "../src/Page.ts"

const page = parsePage(`# Keys, and *how* to retire them

See [the rules](#the-rules) and [\`plan\`](docs/plan.md#a "title"), not \`[this](x)\`.

\`\`\`sh
keysweep list
\`\`\`

\`\`\`text
NAME
\`\`\`

\`\`\`sh skip="needs an account"
# [no](link)
keysweep panic
\`\`\`

Words between.

\`\`\`text
a picture
\`\`\`

- \`\`\`sh exit=2 background
  keysweep delete
  \`\`\`

## The rules
## The rules
[reference]: ../LICENSE
`)

it("keeps the output with the block that it follows, and with no other", () => {
  assert.deepStrictEqual(
    page.blocks.map(({ language, line, output }) => [line, language, output]),
    [
      [5, "sh", "NAME"],
      [13, "sh", undefined],
      [20, "text", undefined],
      [24, "sh", undefined]
    ]
  )
})

it("reads the marks of a block", () => {
  assert.deepStrictEqual(page.blocks[1]?.marks, { skip: "needs an account" })
  assert.deepStrictEqual(parsePage("```sh exit=2 background\n```").blocks[0]?.marks, { exit: "2", background: "" })
})

it("finds links in prose and not in code", () => {
  assert.deepStrictEqual(page.links, [
    { line: 3, target: "#the-rules" },
    { line: 3, target: "docs/plan.md#a" },
    { line: 30, target: "../LICENSE" }
  ])
})

it("makes anchors as GitHub does, and numbers the second of a name", () => {
  assert.deepStrictEqual([...page.anchors], ["keys-and-how-to-retire-them", "the-rules", "the-rules-1"])
  assert.strictEqual(slug("`keysweep plan` — what's in [it](x)?"), "keysweep-plan--whats-in-it")
})

it("takes the indentation of a block in a list off", () => {
  assert.strictEqual(parsePage("1. Step\n\n   ```sh\n   a\n     b\n   ```\n").blocks[0]?.text, "a\n  b")
})
