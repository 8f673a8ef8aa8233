import { assert, describe, it } from "@effect/vitest"
import { fromCredits } from "@keysweep/core/Credit"
import { DateTime } from "effect"
import stringWidth from "string-width"
import { table, truncate, wrap } from "../src/render/Table.ts"
import { widthOf } from "../src/render/Width.ts"
import { counted, credits, duration, listed, relative } from "../src/render/Words.ts"

const columns = [
  { title: "NAME", shrinksTo: 6 },
  { title: "LEFT", right: true },
  { title: "SEEN", drop: 1 },
  { title: "NOTES", shrinksTo: 8, drop: 2 },
  { title: "ID" }
]
const rows = [
  ["production", "12.50", "3 d ago", "any model, any address", "kf_aaaaaaaaaaaaaaaa"],
  ["日本語の名前キー", "1,000", "never", "", "kf_bbbbbbbbbbbbbbbb"]
].map((row) => row.map((text) => ({ text })))

describe("a table", () => {
  it.each([[200], [60], [50], [40], [34]])("never runs over %i columns, and never loses an id", (width) => {
    const text = table(columns, rows, width, (title) => title)
    for (const line of text.split("\n")) assert.isAtMost(stringWidth(line), width)
    assert.include(text, "kf_aaaaaaaaaaaaaaaa")
    assert.include(text, "kf_bbbbbbbbbbbbbbbb")
  })

  it("lines its columns up under wide characters", () => {
    const lines = table(columns, rows, 200, (title) => title).split("\n")
    const starts = lines.map((line) => stringWidth(line.slice(0, line.search(/ID|kf_/))))
    assert.deepStrictEqual(new Set(starts).size, 1)
  })

  it.each([[200], [60], [30]])("loses nothing of a column that wraps, at %i columns", (width) => {
    const why = `any address may use it; 日本語の名前 ${"x".repeat(70)} end`
    const lines = table(
      [{ title: "ID" }, { title: "WHY", shrinksTo: 12, wraps: true }],
      [[{ text: "kf_a" }, { text: why }]],
      width,
      (title) => title
    ).split("\n")
    for (const line of lines) assert.isAtMost(stringWidth(line), width)
    const text = lines
      .slice(1)
      .map((line) => line.slice(4).trim())
      .join("")
    assert.strictEqual(text.replaceAll(" ", ""), why.replaceAll(" ", ""))
  })

  it("is cut at a whole character", () => {
    assert.strictEqual(truncate("日本語", 5), "日本…")
    assert.strictEqual(truncate("e\u0301e\u0301e\u0301", 2), "e\u0301…")
    assert.strictEqual(truncate("fits", 4), "fits")
  })
})

describe("the width of a text", () => {
  it("is what string-width says of every assigned character", () => {
    const differing: Array<string> = []
    for (let code = 0x20; code <= 0x3ffff; code++) {
      const character = String.fromCodePoint(code)
      // A skin tone alone is a patch of two columns; it never stands alone.
      if (/[\p{Unassigned}\p{Surrogate}\p{Emoji_Modifier}]/u.test(character)) continue
      if (widthOf(character) !== stringWidth(character)) differing.push(code.toString(16))
    }
    assert.deepStrictEqual(differing, [])
  })

  it.each(["❤️", "1️⃣", "🇩🇪", "👍🏽", "日本語 key", "e\u0301te\u0301", "한국어", "ｆｕｌｌ"])(
    "is what string-width says of %s",
    (text) => {
      assert.strictEqual(widthOf(text), stringWidth(text))
    }
  )
})

describe("words", () => {
  const now = DateTime.unsafeMake("2026-11-21T12:00:00Z")
  const at = (text: string) => relative(DateTime.unsafeMake(text), now)

  it("say how far a time is", () => {
    assert.strictEqual(at("2026-11-18T11:00:00Z"), "3 d ago")
    assert.strictEqual(at("2026-11-21T11:59:30Z"), "just now")
    assert.strictEqual(at("2026-11-21T12:45:00Z"), "in 45 min")
    assert.strictEqual(at("2026-11-20T13:00:00Z"), "23 h ago")
    assert.strictEqual(at("2022-11-20T13:00:00Z"), "4 y ago")
  })

  it("round a wait up, never down", () => {
    assert.strictEqual(duration(0), "0 s")
    assert.strictEqual(duration(1), "1 s")
    assert.strictEqual(duration(61_001), "1 min 2 s")
    assert.strictEqual(duration(3_600_000), "1 h")
    assert.strictEqual(duration(5_400_000), "1 h 30 min")
    assert.strictEqual(duration(47 * 3_600_000), "47 h")
    assert.strictEqual(duration(7 * 86_400_000 + 3_600_000), "7 d 1 h")
  })

  it("never show a small amount as nothing", () => {
    assert.strictEqual(credits(fromCredits(0)), "0")
    assert.strictEqual(credits(fromCredits(0.001)), "<0.01")
    assert.strictEqual(credits(fromCredits(12.5)), "12.50")
    assert.strictEqual(credits(fromCredits(1_234_567)), "1,234,567")
    assert.strictEqual(credits(fromCredits(-1_234.5)), "-1,234.50")
    assert.strictEqual(credits(fromCredits(999.99)), "999.99")
    assert.strictEqual(credits(fromCredits(100_000)), "100,000")
    assert.strictEqual(credits(fromCredits(0.01)), "0.01")
    assert.strictEqual(counted(1234, "key"), "1,234 keys")
  })

  it("join and wrap", () => {
    assert.strictEqual(listed(["a", "b", "c"]), "a, b and c")
    assert.deepStrictEqual(wrap("one two three", 7), ["one two", "three"])
  })
})
