/**
 * A test for whole names: `*` any run of characters, `?` one character, `[a-c]` one of them, `[!a-c]` none of them,
 * `{a,b}` alternatives, `\*` the character itself. A slash, a leading dot and a bracket that is never closed are
 * characters like any other; upper and lower case differ.
 *
 * Made without regular expressions: patterns and names come from people and from upstream, and the time is bounded by
 * the product of their lengths.
 */
export const nameGlob = (glob: string): ((name: string) => boolean) => {
  const pieces = parse([...glob], 0)
  return (name) => {
    const characters = [...name]
    return ends(pieces, characters, new Set([0])).has(characters.length)
  }
}

/** {@link nameGlob}, once. */
export const matchesName = (glob: string, name: string): boolean => nameGlob(glob)(name)

type Piece =
  | { readonly _tag: "One"; readonly accepts: (character: string) => boolean }
  | { readonly _tag: "Run" }
  | { readonly _tag: "Alternatives"; readonly branches: ReadonlyArray<ReadonlyArray<Piece>> }

/** Where a match of all pieces may end, if it may start at each of `starts`. */
const ends = (
  pieces: ReadonlyArray<Piece>,
  name: ReadonlyArray<string>,
  starts: ReadonlySet<number>
): ReadonlySet<number> => {
  let at = starts
  for (const piece of pieces) {
    if (at.size === 0) return at
    at = after(piece, name, at)
  }
  return at
}

const after = (piece: Piece, name: ReadonlyArray<string>, starts: ReadonlySet<number>): ReadonlySet<number> => {
  const found = new Set<number>()
  switch (piece._tag) {
    case "One":
      for (const start of starts) {
        const character = name[start]
        if (character !== undefined && piece.accepts(character)) found.add(start + 1)
      }
      return found
    case "Run":
      for (let end = earliest(starts); end <= name.length; end++) found.add(end)
      return found
    case "Alternatives":
      for (const branch of piece.branches) for (const end of ends(branch, name, starts)) found.add(end)
      return found
  }
}

const earliest = (starts: ReadonlySet<number>): number => {
  let least = Infinity
  for (const start of starts) least = Math.min(least, start)
  return least
}

/** Alternatives nest so deep and no deeper; a brace beyond is a character. */
const maxNesting = 8

const parse = (glob: ReadonlyArray<string>, nesting: number): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? ""
    const set = character === "[" ? parseSet(glob, at) : null
    const group = character === "{" && nesting < maxNesting ? parseGroup(glob, at, nesting) : null
    const parsed = set ?? group
    if (parsed !== null) {
      pieces.push(parsed.piece)
      at = parsed.end
    } else if (character === "\\" && at + 1 < glob.length) {
      at += 1
      pieces.push(exactly(glob[at] ?? ""))
    } else if (character === "?") {
      pieces.push({ _tag: "One", accepts: () => true })
    } else if (character === "*") {
      pieces.push({ _tag: "Run" })
    } else {
      pieces.push(exactly(character))
    }
  }
  return pieces
}

interface Parsed {
  readonly piece: Piece
  /** Index of its last character. */
  readonly end: number
}

const exactly = (wanted: string): Piece => ({ _tag: "One", accepts: (character) => character === wanted })

/** `[a-c_]`, `[!0-9]`; a `]` right after the opening is one of the set. Nothing where it is never closed. */
const parseSet = (glob: ReadonlyArray<string>, open: number): Parsed | null => {
  const negated = glob[open + 1] === "!" || glob[open + 1] === "^"
  const first = open + (negated ? 2 : 1)
  const end = glob.indexOf("]", first + 1)
  if (end < 0) return null
  const ranges: Array<readonly [number, number]> = []
  for (let at = first; at < end; at++) {
    const isRange = glob[at + 1] === "-" && at + 2 < end
    ranges.push([codeOf(glob[at]), codeOf(glob[isRange ? at + 2 : at])])
    if (isRange) at += 2
  }
  const isOneOf = (character: string) =>
    ranges.some(([from, to]) => codeOf(character) >= from && codeOf(character) <= to)
  return { piece: { _tag: "One", accepts: (character) => isOneOf(character) !== negated }, end }
}

const codeOf = (character: string | undefined): number => character?.codePointAt(0) ?? -1

/** `{a,b*,}`. Nothing where it is never closed or has no comma: such a brace is a character. */
const parseGroup = (glob: ReadonlyArray<string>, open: number, nesting: number): Parsed | null => {
  const bounds = [open]
  let depth = 0
  for (let at = open; at < glob.length; at++) {
    const character = glob[at]
    if (character === "\\") at += 1
    else if (character === "{") depth += 1
    else if (character === "," && depth === 1) bounds.push(at)
    else if (character === "}" && --depth === 0) {
      if (bounds.length === 1) return null
      const branches = bounds.map((bound, index) => parse(glob.slice(bound + 1, bounds[index + 1] ?? at), nesting + 1))
      return { piece: { _tag: "Alternatives", branches }, end: at }
    }
  }
  return null
}
