import type { Match, Matcher } from "./Matcher.ts"

/** Where a secret is: in a line of text, or at a byte of what is not text. */
export interface Spot {
  readonly match: Match
  readonly line: number | null
  readonly column: number | null
  readonly offset: number | null
}

export interface ByteScan {
  /** The next bytes of the file, the first `count` of what is given. They may be cut anywhere, and are not kept. */
  readonly push: (bytes: Buffer, count: number) => void
  /** No more bytes: everything that was found. The next `push` begins another file. */
  readonly end: () => Scanned
}

export interface Scanned {
  readonly spots: ReadonlyArray<Spot>
  readonly bytes: number
  /** `false`: there were more than `maxSpots`, and the rest was not looked at. */
  readonly whole: boolean
}

/** A file with more secrets than this is a list of secrets; the rest of it is not listed. */
export const maxSpots = 10_000

/** A file with a NUL in so many bytes is not text: the rule of git. */
const sniffed = 8_000

const isBinary = (beginning: Buffer): boolean => beginning.subarray(0, sniffed).includes(0)

/**
 * Searches files of any size through one buffer of a fixed size. What the buffer ends in is judged when enough is there
 * to judge it, so the chunks that a file arrives in make no difference.
 */
export const makeByteScan = (matcher: Matcher, size = 4_194_304): ByteScan => {
  if (size <= matcher.before + matcher.after) throw new RangeError("the buffer is too small for the longest secret")
  const buffer = Buffer.allocUnsafe(size)
  let spots: Array<Spot> = []
  let bytes = 0
  let held = 0
  /** The first place in the buffer that is not judged yet. */
  let from = 0
  /** Where the buffer stands in the file. */
  let base = 0
  let binary: boolean | null = null
  /** A place in the buffer whose line and column are known: it only goes forward, and only as far as is asked. */
  let cursor = 0
  let line = 1
  let column = 1

  const judge = (to: number): void => {
    const view = buffer.subarray(0, held)
    if (spots.length > maxSpots) {
      from = to
      return
    }
    const matches = matcher.find(view, from, to)
    if (matches.length > 0) binary ??= isBinary(view)
    for (const match of matches) spots.push(binary ? inBinary(match) : inText(match))
    const last = matches.at(-1)
    from = last === undefined ? to : Math.max(to, last.at + last.length)
  }

  const inBinary = (match: Match): Spot => ({ match, line: null, column: null, offset: base + match.at })

  const inText = (match: Match): Spot => {
    advance(match.at)
    return { match, line, column, offset: null }
  }

  const advance = (to: number): void => {
    const passed = buffer.subarray(cursor, to)
    let begin = 0
    for (let feed = passed.indexOf(10); feed !== -1; feed = passed.indexOf(10, begin)) {
      line++
      column = 1
      begin = feed + 1
    }
    column += columnsIn(passed, begin)
    cursor = to
  }

  /** Keeps what is not judged yet, and what stands right before it. */
  const shift = (): void => {
    const dropped = Math.max(0, from - matcher.before)
    binary ??= isBinary(buffer)
    if (!binary && cursor < dropped) advance(dropped)
    buffer.copyWithin(0, dropped, held)
    base += dropped
    held -= dropped
    from -= dropped
    cursor -= dropped
  }

  return {
    push: (chunk, count) => {
      bytes += count
      for (let taken = 0; taken < count;) {
        if (held === size) {
          judge(Math.max(from, held - matcher.after))
          shift()
        }
        const copied = chunk.copy(buffer, held, taken, count)
        held += copied
        taken += copied
      }
    },
    end: () => {
      judge(held)
      const scanned = { spots: spots.slice(0, maxSpots), bytes, whole: spots.length <= maxSpots }
      spots = []
      bytes = held = from = base = cursor = 0
      line = column = 1
      binary = null
      return scanned
    }
  }
}

/**
 * UTF-16 code units of UTF-8: bytes that go on with a character do not count, those that begin one of four bytes count
 * twice. In text that is neither ASCII nor UTF-8 this is an estimate.
 */
const columnsIn = (bytes: Buffer, from: number): number => {
  let columns = 0
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80) columns++
    else if (byte >= 0xc0) columns += byte >= 0xf0 && byte < 0xf5 ? 2 : 1
  }
  return columns
}
