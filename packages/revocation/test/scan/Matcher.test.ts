import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { makeMatcher } from "../../src/scan/Matcher.ts"
import { alpha, base64, beta, idOf, knownKeys, master, stranger } from "./keys.ts"

const matcher = makeMatcher({ known: knownKeys(alpha, beta) })

const search = (text: string, { find } = matcher) => {
  const bytes = Buffer.from(text)
  return find(bytes, 0, bytes.length)
}

/** Where, what, and whether it is known. */
const brief = (text: string, using = matcher) =>
  search(text, using).map(({ at, key, kind, known, secret }) => [at, secret, key, known, kind])

describe("known keys", () => {
  it("are found by their value wherever they stand", () => {
    for (const around of ['"%s"', "KEY=%s\n", "x%sy", "https://h/?key=%s&a=1", "%20%s", "\\n%s\\n", "\0%s\0"]) {
      const at = around.indexOf("%s")
      assert.deepStrictEqual(brief(around.replace("%s", alpha)), [[at, "proxy-key", idOf(alpha), true, "text"]])
    }
  })

  it("are told from a key that they begin with: the longest wins", () => {
    const long = `${alpha}77`
    const both = makeMatcher({ known: knownKeys(alpha, long) })
    assert.deepStrictEqual(
      brief(`${alpha},${long}`, both).map(([, , key]) => key),
      [idOf(alpha), idOf(long)]
    )
  })

  it("are found though their characters are not those of a key", () => {
    for (const odd of ["ek-proxy-a", "ek-proxy-a b/c?d", "ek-proxy-schlüssel-🔑", `ek-proxy-${"z".repeat(247)}`]) {
      const one = makeMatcher({ known: knownKeys(odd) })
      assert.deepStrictEqual(brief(`-- ${odd} --`, one), [[3, "proxy-key", idOf(odd), true, "text"]])
      assert.deepStrictEqual(brief(`-- ${base64(odd)} --`, one), [[3, "proxy-key", idOf(odd), true, "base64"]])
    }
  })

  it("are found in base64 whatever stands before them, in both alphabets", () => {
    for (const before of ["", "a", "ab", "abc", "KEY=", "??>", "user:"]) {
      for (const encoding of ["base64", "base64url"] as const) {
        const text = Buffer.from(`${before}${alpha}\nOTHER=1`).toString(encoding)
        const [found, ...others] = search(`data: ${text}\n`)
        assert.deepStrictEqual(others, [])
        assert.deepStrictEqual([found?.key, found?.known, found?.kind], [idOf(alpha), true, "base64"])
        const place = 6 + Math.floor((before.length * 4) / 3)
        assert.strictEqual(found?.at, place)
      }
    }
  })

  it("that were found twice in a row are two", () => {
    assert.deepStrictEqual(
      brief(alpha + beta).map(([at]) => at),
      [0, alpha.length]
    )
  })
})

describe("strangers", () => {
  it("are found by their shape, to the end of it", () => {
    const shapes = [stranger, "ek-proxy-deadbeefdeadbeef", "ek-proxy-notininventory", "ek-proxy-under_score-2"]
    for (const shape of shapes) {
      for (const around of ['"%s"', "=%s;", "(%s)", "%s.", "\\n%s\\n", "%3D%s", "\\u003d%s", "\u001b[31m%s\u001b[0m"]) {
        const at = Buffer.from(around.slice(0, around.indexOf("%s"))).length
        assert.deepStrictEqual(
          brief(around.replace("%s", shape)),
          [[at, "proxy-key", idOf(shape), false, "text"]],
          around
        )
      }
    }
    assert.deepStrictEqual(brief(base64(stranger)), [[0, "proxy-key", idOf(stranger), false, "base64"]])
  })

  it("of the documented shape are found right behind other text", () => {
    assert.deepStrictEqual(brief("nameek-proxy-0011223344556677"), [
      [4, "proxy-key", idOf("ek-proxy-0011223344556677"), false, "text"]
    ])
  })

  it("are not seen in words, in placeholders, and in what is too short or too long", () => {
    const innocent = [
      "week-proxy-settings",
      "geek-proxy-service-2024",
      "ek-proxy-",
      "ek-proxy-…",
      "ek-proxy-short",
      "ek-proxy-xxxxxxxxxxxxxxxx",
      "ek-proxy-your-key-here",
      "ek-proxy-<KEY>",
      `ek-proxy-${"0".repeat(248)}`,
      "ek-dev-tools",
      "ek-",
      "ek-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "ek-how-to-write-a-conference-programme",
      "week-5d41402abc4b2a76b9719d911017c592"
    ]
    for (const text of innocent) assert.deepStrictEqual(brief(`${text}\n`), [], text)
  })
})

describe("keys of other kinds", () => {
  it("are findings of their own kind, without an id", () => {
    assert.deepStrictEqual(brief(`ELECTRONHUB_API_KEY=${master}`), [[20, "master-key", null, false, "text"]])
    assert.deepStrictEqual(brief(`key: ${base64(master)}`), [[5, "master-key", null, false, "base64"]])
    assert.deepStrictEqual(brief("ek-dev-0123456789abcdef0123456789abcdef"), [[0, "dev-key", null, false, "text"]])
  })

  it("the account's own master key is found by its value", () => {
    const odd = "ek-!odd"
    const own = makeMatcher({ known: knownKeys(alpha), masterKey: Redacted.make(odd) })
    assert.deepStrictEqual(brief(`a ${odd} ${alpha}`, own), [
      [2, "master-key", null, true, "text"],
      [10, "proxy-key", idOf(alpha), true, "text"]
    ])
  })
})
