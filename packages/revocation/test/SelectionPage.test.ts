import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { readFileSync } from "node:fs"
import { Finding } from "../src/Findings.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { select } from "../src/Selection.ts"
import { variables } from "../src/SelectionVariables.ts"
import { readingOf } from "./support.ts"

const page = readFileSync(new URL("../../../docs/selection.md", import.meta.url), "utf8")

/** The cells of the table whose first column has this title, without their backticks. */
const table = (title: string): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = page.split("\n")
  const start = lines.findIndex((line) => line.startsWith(`| ${title} `))
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"))
  return lines.slice(start + 2, end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("\\|", "|"))
  )
}
const code = (cell: string | undefined) => /^`(.*)`$/.exec(cell ?? "")?.[1]

describe("docs/selection.md", () => {
  it("has every variable, and every finding", () => {
    assert.deepStrictEqual(
      table("Name").map(([name]) => code(name)),
      Object.keys(variables)
    )
    assert.deepStrictEqual(
      table("Finding").map(([name]) => code(name)),
      [...Finding.literals]
    )
  })

  it("has an example for each variable and function, and every one is answered", () => {
    const inventory = inventoryOf(
      readingOf([{}, { ip_whitelist: ["10.0.0.1", "2001:db8::1"], model_whitelist: ["gpt-4o"], last_used: null }])
    )
    const rows = [...table("Name"), ...table("Function")]
    assert.isAbove(rows.length, 25)
    for (const row of rows) {
      const example = code(row.at(-1))
      assert.isDefined(example, row.join(" | "))
      const answer = select(inventory, { where: example })
      assert.isTrue(Either.isRight(answer), `${example}: ${Either.isLeft(answer) ? answer.left.message : ""}`)
    }
  })
})
