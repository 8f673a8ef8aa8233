import { it } from "@effect/vitest"
import { KeyId } from "@keysweep/core/ProxyKey"
import { KeysRefused } from "@keysweep/revocation/PlanError"
import { SelectionRefused } from "@keysweep/revocation/Selection"
import { Schema } from "effect"
import { assert } from "vitest"
import { code, escaped, paragraphs, table, withinLimit } from "../src/Markdown.ts"
import { reportOf } from "../src/Report.ts"
import { speechless } from "../src/Speechless.ts"

/** Pieces that mean something to a runner, to Markdown or to HTML. */
const Pieces = Schema.Array(
  Schema.Literal("::", ":", "#", "##[", "error", "]", "|", "<", "&#60;", "`", "\n", "\r", "\u2028", "\u202e", " ", "a")
)

it.prop("a printed line is one line and no command", [Schema.String, Pieces], ([any, pieces]) => {
  for (const text of [any, pieces.join(""), `::error::${any}`]) {
    assert.notMatch(speechless(text), /::|##\[|[\r\n]/)
  }
})

it.prop("a name stays in its cell and in its element", [Schema.String, Pieces], ([any, pieces]) => {
  const cells = [code(any), code(pieces.join(""))]
  for (const cell of cells) assert.match(cell, /^<code>[^<>|`\r\n]*<\/code>$/)
  assert.strictEqual(table(["A", "B"], [cells]).trim().split("\n").length, 3)
})

it("a name that was asked for is said where names may be shown, and nowhere else", () => {
  const candidates = [{ id: KeyId.make("kf_aaaaaaaaaaaaaaaa"), name: "payroll" }]
  const several = new SelectionRefused({ detail: "2 keys answer to payroll: name one by its id.", candidates })
  const refused = new KeysRefused({
    detail: "None of the 2 keys can be done.",
    keys: candidates.map((key) => ({ ...key, reason: "it is gone" }))
  })
  for (const error of [several, refused]) {
    assert.include(JSON.stringify(reportOf(error, true)), "payroll")
    const unnamed = JSON.stringify(reportOf(error, false))
    assert.notInclude(unnamed, "payroll")
    assert.include(unnamed, "kf_aaaaaaaaaaaaaaaa")
  }
})

it("a table of ten thousand rows says how many it does not show", () => {
  const text = table(
    ["A"],
    Array.from({ length: 10_000 }, () => ["a"])
  )
  assert.include(text, "9500 more rows")
})

it("a page of ten thousand rows as long as they can be fits into what the runner takes, and says that it was cut", () => {
  const row = [code("<".repeat(60)), escaped("|".repeat(400))]
  const rows = Array.from({ length: 10_000 }, () => row)
  const page = paragraphs([table(["A", "B"], rows), table(["A", "B"], rows, 10_000)])
  const shown = withinLimit(page)
  assert.isAbove(Buffer.byteLength(page), 1_048_576)
  assert.isBelow(Buffer.byteLength(shown), 1_048_576)
  assert.include(shown, "longer than GitHub shows")
  const hundred = paragraphs([table(["A", "B"], rows.slice(0, 100))])
  assert.strictEqual(withinLimit(hundred), hundred)
})
