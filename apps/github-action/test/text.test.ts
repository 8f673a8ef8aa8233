import { it } from "@effect/vitest"
import { Schema } from "effect"
import { assert } from "vitest"
import { code, table } from "../src/Markdown.ts"
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

it("a table of ten thousand rows says how many it does not show", () => {
  const text = table(
    ["A"],
    Array.from({ length: 10_000 }, () => ["a"])
  )
  assert.include(text, "9500 more rows")
})
