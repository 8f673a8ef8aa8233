import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { matchesName, nameGlob } from "../src/NameGlob.ts"

const matches = (glob: string, ...names: ReadonlyArray<string>) => names.map((name) => matchesName(glob, name))

describe("NameGlob", () => {
  it("a pattern is over the whole name, and upper and lower case differ", () => {
    assert.deepStrictEqual(matches("ci", "ci", "ci-1", "xci", "CI"), [true, false, false, false])
  })

  it("a star is any run, a question mark one character; slashes, dots and emoji are characters", () => {
    assert.deepStrictEqual(matches("*", "", ".hidden", "a/b", "日本"), [true, true, true, true])
    assert.deepStrictEqual(matches("web*batch", "webbatch", "web/batch", "web/batch2"), [true, true, false])
    assert.deepStrictEqual(matches("?", "a", "🔑", "", "ab"), [true, true, false, false])
  })

  it("a set is one of its characters, and may be turned round", () => {
    assert.deepStrictEqual(matches("v[1-3x]", "v1", "v3", "vx", "v4", "v-"), [true, true, true, false, false])
    assert.deepStrictEqual(matches("v[!1-3]", "v1", "v4", "v"), [false, true, false])
    assert.deepStrictEqual(matches("[]a]", "]", "a", "b"), [true, true, false])
    assert.deepStrictEqual(matches("[a-]", "a", "-", "b"), [true, true, false])
  })

  it("alternatives nest", () => {
    assert.deepStrictEqual(matches("{ci,web{,-*}}-1", "ci-1", "web-1", "web-x-1", "db-1"), [true, true, true, false])
    assert.deepStrictEqual(matches("{a\\,b,c}", "a,b", "c", "a"), [true, true, false])
  })

  it("what is never closed, has no comma or is escaped is itself", () => {
    assert.deepStrictEqual(matches("a[b", "a[b", "ab"), [true, false])
    assert.deepStrictEqual(matches("{a", "{a", "a"), [true, false])
    assert.deepStrictEqual(matches("{a}", "{a}", "a"), [true, false])
    assert.deepStrictEqual(matches("\\*", "*", "x"), [true, false])
    assert.deepStrictEqual(matches("a\\", "a\\", "a"), [true, false])
  })

  it("characters of regular expressions mean nothing", () => {
    for (const glob of ["(a|b)", "a+", "^a$", "a.c", "!a", "+(a)", "@(a)", "a{2}", "\\d"]) {
      assert.isTrue(matchesName(glob, glob === "\\d" ? "d" : glob), glob)
      assert.deepStrictEqual(matches(glob, "a", "b", "abc", "aa"), [false, false, false, false], glob)
    }
  })

  it("patterns that hang regular expressions are answered at once", () => {
    const name = "a".repeat(2000)
    for (const glob of [
      "*a".repeat(200) + "b",
      "(a+)+b",
      "{a,aa,aaa}".repeat(100) + "b",
      "{".repeat(1000),
      "{a,".repeat(500) + "b" + "}".repeat(500)
    ]) {
      assert.isFalse(matchesName(glob, name))
    }
  })

  it.prop(
    "stars and question marks match what a regular expression of them matches",
    [
      FastCheck.string({ unit: FastCheck.constantFrom("a", "b", "*", "?"), maxLength: 8 }),
      FastCheck.string({ unit: FastCheck.constantFrom("a", "b"), maxLength: 8 })
    ],
    ([glob, name]) => {
      const reference = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su")
      assert.strictEqual(matchesName(glob, name), reference.test(name))
    },
    { fastCheck: { numRuns: 1000 } }
  )

  it.prop(
    "no text is refused as a pattern, and an escaped text matches itself alone",
    [
      FastCheck.string({ unit: "grapheme" }),
      FastCheck.string({ unit: FastCheck.constantFrom("{", "}", "[", "]", ",", "\\", "*", "!", "-", "a") })
    ],
    ([text, odd]) => {
      nameGlob(odd)(text)
      const escaped = [...odd].map((character) => `\\${character}`).join("")
      assert.isTrue(matchesName(escaped, odd))
      assert.strictEqual(matchesName(escaped, text), text === odd)
    }
  )
})
