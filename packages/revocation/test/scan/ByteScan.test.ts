import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { makeByteScan, maxSpots, type Spot } from "../../src/scan/ByteScan.ts"
import { makeMatcher } from "../../src/scan/Matcher.ts"
import { shapeAfter, shapeAt, shapeBefore } from "../../src/scan/SecretShape.ts"
import { withUtf16 } from "../../src/scan/Utf16.ts"
import { alpha, base64, beta, knownKeys, master, stranger } from "./keys.ts"

const odd = "ek-proxy-schlüssel 🔑/?"
const longer = `${alpha}99`
const values = [odd, longer, alpha, beta]
const matcher = makeMatcher({ known: knownKeys(...values) })
const smallest = matcher.before + matcher.after + 1

/** What is searched for, written down without any care for speed: every place, every alignment, nothing skipped. */
const naive = (content: Buffer): ReadonlyArray<string> => {
  const lengthAt = (bytes: Buffer, at: number): number => {
    const value = values
      .map((text) => Buffer.from(text))
      .sort((one, other) => other.length - one.length)
      .find((known) => known.equals(bytes.subarray(at, at + known.length)))
    if (value !== undefined) return value.length
    const start = Math.max(0, at - shapeBefore)
    const text = bytes.subarray(start, at + shapeAfter).toString("latin1")
    return shapeAt(text, at - start)?.text.length ?? 0
  }
  const found: Array<string> = []
  for (let at = 0; at < content.length;) {
    let length = lengthAt(content, at)
    let kind = "text"
    for (const lead of [0, 1, 2]) {
      if (length > 0 || at < lead) continue
      const run = /^[A-Za-z0-9+/_-]*/.exec(content.toString("latin1", at - lead))?.[0] ?? ""
      const decoded = Buffer.from(run, "base64")
      const within = run.length > lead ? lengthAt(decoded, lead) : 0
      const plain = decoded.toString("latin1", lead, lead + 9)
      if (within === 0 || !(plain === "ek-proxy-" || (lead === 0 && plain.startsWith("ek-")))) continue
      length = Math.ceil(((lead + within) * 4) / 3) - lead
      kind = "base64"
    }
    if (length > 0) found.push(`${kind} ${length} ${placeOf(content, at)}`)
    at += Math.max(1, length)
  }
  return found
}

const placeOf = (content: Buffer, at: number): string => {
  if (content.subarray(0, 8000).includes(0)) return `byte ${at}`
  const lines = content.subarray(0, at).toString().split("\n")
  return `${lines.length}:${(lines.at(-1) ?? "").length + 1}`
}

const shown = ({ column, line, match, offset }: Spot): string =>
  `${match.kind} ${match.length} ${offset === null ? `${line}:${column}` : `byte ${offset}`}`

const secret = fc.constantFrom(...values, stranger, master, "ek-proxy-0011223344556677")
const filling = fc.oneof(
  fc.constantFrom("\n", "\r\n", "\r", " ", "", "é", "🔑", "ek-", "ek-proxy-", "k-", "-", "ZWst", "=", "\\n", "\n\n\n"),
  fc.fullUnicodeString({ maxLength: 40 }).map((text) => text.replaceAll("\0", "0")),
  fc.base64String({ maxLength: 400 }),
  fc.nat(400).map((count) => "-".repeat(count))
)
const piece = fc.oneof(
  filling,
  secret,
  fc.tuple(fc.string({ maxLength: 5 }), secret, fc.string({ maxLength: 5 })).map((parts) => base64(parts.join("")))
)
const contentOf = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(""))
const cuts = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 })

const pushed = (scan: ReturnType<typeof makeByteScan>, content: Buffer, sizes: ReadonlyArray<number>) => {
  for (let at = 0, turn = 0; at < content.length; turn++) {
    const part = content.subarray(at, at + (sizes[turn % sizes.length] ?? 1))
    scan.push(part, part.length)
    at += part.length
  }
  return scan.end()
}

describe("ByteScan", () => {
  it("finds what a search of every place finds, however the text arrives and however small the buffer is", () => {
    fc.assert(
      fc.property(contentOf, cuts, fc.nat(600), fc.boolean(), (text, sizes, more, binary) => {
        const content = Buffer.from(binary ? `\0${text}` : text)
        const scan = makeByteScan(matcher, smallest + more)
        assert.deepStrictEqual(pushed(scan, content, sizes).spots.map(shown), naive(content))
      }),
      { numRuns: 400 }
    )
  })

  it("sees what stands before a key at every place of the border between two chunks", () => {
    const scan = makeByteScan(matcher, smallest + 40)
    const coded = base64(`y:${alpha}`)
    for (const [text, found] of [
      [`\\u003d${stranger}`, `text ${stranger.length} 2:7`],
      [coded, `base64 ${coded.length - 2} 2:3`],
      ["week-proxy-settings", null]
    ] as const) {
      for (let at = 0; at < 2 * smallest; at += 3) {
        const content = Buffer.from(`${"x".repeat(at)}\n${text}\n${"y".repeat(500)}`)
        assert.deepStrictEqual(pushed(scan, content, [content.length]).spots.map(shown), found === null ? [] : [found])
      }
    }
  })

  it("forgets the file before", () => {
    const scan = makeByteScan(matcher)
    assert.strictEqual(pushed(scan, Buffer.from(`\0\n\n${alpha}`), [9]).spots.length, 1)
    assert.deepStrictEqual(pushed(scan, Buffer.from(`a\n ${alpha}`), [9]), {
      spots: [
        { match: matcher.find(Buffer.from(`a\n ${alpha}`), 0, 9)[0] ?? assert.fail(), line: 2, column: 2, offset: null }
      ],
      bytes: 3 + alpha.length,
      whole: true
    })
    assert.deepStrictEqual(scan.end(), { spots: [], bytes: 0, whole: true })
  })

  it("says so when a file holds more than is listed", () => {
    const scan = makeByteScan(matcher)
    const exactly = Buffer.from(`${alpha}\n`.repeat(maxSpots))
    assert.isTrue(pushed(scan, exactly, [65_536]).whole)
    const tooMany = pushed(scan, Buffer.concat([exactly, Buffer.from(alpha)]), [65_536])
    assert.deepStrictEqual([tooMany.spots.length, tooMany.whole], [maxSpots, false])
  })

  it("reads UTF-16 in both orders by its byte order mark, and does not take a binary file for it", () => {
    const scan = withUtf16(makeByteScan(matcher), makeByteScan(matcher))
    const little = Buffer.from(`\ufeffA=1\r\nKEY=${alpha}\r\n`, "utf16le")
    for (const text of [little, Buffer.from(little).swap16()]) {
      for (const size of [1, 3, 8, 1000]) {
        assert.deepStrictEqual(pushed(scan, text, [size]).spots.map(shown), [`text ${alpha.length} 2:5`])
      }
    }
    const binary = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 7]), Buffer.from(alpha)])
    assert.deepStrictEqual(pushed(scan, binary, [5]).spots.map(shown), [`text ${alpha.length} byte 4`])
    assert.deepStrictEqual(pushed(scan, Buffer.from(alpha), [5]).spots.map(shown), [`text ${alpha.length} 1:1`])
  })
})
