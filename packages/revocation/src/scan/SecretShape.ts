import type { SecretKind } from "./ScanReport.ts"

/** What a text that begins at a given place looks like. */
export interface Shape {
  readonly secret: SecretKind
  readonly text: string
}

/** Characters before and after a place that {@link shapeAt} looks at. */
export const shapeBefore = 16
export const shapeAfter = 257

/**
 * The key-shaped text that begins at a place, if there is one. The upstream documents no alphabet: letters, digits, `_`
 * and `-` are what is seen, and 256 characters are the most. What cannot be told from a key by its shape is reported,
 * except for the placeholders of documentation.
 */
export const shapeAt = (text: string, at: number): Shape | null => {
  for (const [secret, shape] of shapes) {
    shape.lastIndex = at
    const found = shape.exec(text)?.[0]
    if (found !== undefined && !placeholder.test(found)) return { secret, text: found }
  }
  return null
}

/**
 * Not inside a word ("week-", "geek-"). An escape ends in a letter or a digit, but not the word: `\n`, `\u003d`, `%3D`
 * and the colours of a terminal.
 */
const beginning = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[a-z]|\\x[\dA-Fa-f]{2}|\\u[\dA-Fa-f]{4}|%[\dA-Fa-f]{2}|\x1b\[[\d;]{0,12}m))`
const end = "(?![A-Za-z0-9_-])"

const shapes: ReadonlyArray<readonly [SecretKind, RegExp]> = [
  ["proxy-key", new RegExp(`${beginning}ek-proxy-[A-Za-z0-9_-]{8,247}${end}`, "y")],
  // As the documents show them, even where one text follows another without anything between, as in a database file.
  ["proxy-key", new RegExp(`ek-proxy-[a-f0-9]{16}[A-Za-z0-9_-]{0,231}${end}`, "y")],
  ["dev-key", new RegExp(`${beginning}ek-dev-[A-Za-z0-9_-]{16,249}${end}`, "y")],
  // `ek-` alone is two letters of many languages: a digit and a stretch without a hyphen are asked for as well.
  [
    "master-key",
    new RegExp(
      `${beginning}ek-(?!proxy-|dev-)(?=[A-Za-z_-]*[0-9])(?=[A-Za-z0-9_-]{0,20}[A-Za-z0-9]{12})[A-Za-z0-9_-]{20,253}${end}`,
      "y"
    )
  ]
]

const placeholder = /your|x{4}/i
