import { type KeyId, keyIdOf, proxyKeySecret, type ProxyKeySecret } from "@keysweep/core/ProxyKey"
import { Either, Redacted } from "effect"
import type { SecretKind } from "./ScanReport.ts"
import { shapeAfter, shapeAt, shapeBefore } from "./SecretShape.ts"

export interface Secret {
  readonly secret: SecretKind
  readonly key: KeyId | null
  readonly known: boolean
}

export interface Match extends Secret {
  /** Where it begins and how long it is, in bytes of what was searched. */
  readonly at: number
  readonly length: number
  readonly kind: "text" | "base64"
}

/** Finds secrets in bytes. It does not know about files, lines or chunks. */
export interface Matcher {
  /** Bytes before and after a place that may decide what begins there. */
  readonly before: number
  readonly after: number
  /**
   * What begins at `from` or later and before `to`, in order and without overlap. The rest of the bytes is context: after
   * `to` there must be `after` bytes, unless the text ends.
   */
  readonly find: (bytes: Buffer, from: number, to: number) => ReadonlyArray<Match>
}

export interface Wanted {
  readonly known: ReadonlyMap<KeyId, ProxyKeySecret>
  /** The account's own; without it a master key is found by its shape alone. */
  readonly masterKey?: Redacted.Redacted | undefined
}

/**
 * Known secrets are found by their value, the longest first, wherever they stand: also inside a longer word. Everything
 * else is found by its shape. In base64 (standard or URL alphabet, without line breaks) the same is found in all three
 * alignments for proxy keys, and for a master key where the encoded text begins with it, as a Kubernetes secret does.
 */
export const makeMatcher = (wanted: Wanted): Matcher => {
  const values = valuesOf(wanted)
  const lengths = [...values.keys()].sort((one, other) => other - one)
  const reach = Math.max(shapeAfter, lengths[0] ?? 0)

  const secretAt = (bytes: Buffer, at: number): Found | null => {
    for (const length of lengths) {
      if (at + length > bytes.length) continue
      const known = values.get(length)?.get(bytes.toString("latin1", at, at + length))
      if (known !== undefined) return { ...known, length }
    }
    const start = Math.max(0, at - shapeBefore)
    const shape = shapeAt(bytes.toString("latin1", start, Math.min(bytes.length, at + shapeAfter)), at - start)
    if (shape === null) return null
    const key = shape.secret === "proxy-key" ? idOf(shape.text) : null
    return { secret: shape.secret, key, known: false, length: shape.text.length }
  }

  const judge = (bytes: Buffer, { at, encoded }: Candidate): Match | null => {
    if (encoded === null) {
      const found = secretAt(bytes, at)
      return found === null ? null : { ...found, at, kind: "text" }
    }
    // `at` is the character that holds the first bit of the secret: the group of four begins so many before it.
    const start = at - encoded
    const end = endOfBase64(bytes, start, at, start + base64Length(encoded + reach))
    if (end === null) return null
    const found = secretAt(Buffer.from(bytes.toString("latin1", start, end), "base64"), encoded)
    if (found === null) return null
    return { ...found, at, length: Math.ceil(((encoded + found.length) * 4) / 3) - encoded, kind: "base64" }
  }

  return {
    before: shapeBefore,
    after: base64Length(2 + reach),
    find: (bytes, from, to) => {
      const candidates = candidatesIn(bytes, from, to)
      if (candidates.length === 0) return []
      candidates.sort((one, other) => one.at - other.at)
      const matches: Array<Match> = []
      let free = from
      for (const candidate of candidates) {
        const match = candidate.at < free ? null : judge(bytes, candidate)
        if (match === null) continue
        matches.push(match)
        free = match.at + match.length
      }
      return matches
    }
  }
}

const idOf = (text: string): KeyId | null => Either.getOrNull(Either.map(proxyKeySecret(text), keyIdOf))

interface Found extends Secret {
  readonly length: number
}

/** By length in bytes, then by the bytes as Latin-1. */
const valuesOf = (wanted: Wanted): ReadonlyMap<number, ReadonlyMap<string, Secret>> => {
  const values = new Map<number, Map<string, Secret>>()
  const add = (text: string, secret: Secret) => {
    const bytes = Buffer.from(text)
    const same = values.get(bytes.length) ?? new Map<string, Secret>()
    values.set(bytes.length, same.set(bytes.toString("latin1"), secret))
  }
  for (const [key, secret] of wanted.known) add(Redacted.value(secret), { secret: "proxy-key", key, known: true })
  if (wanted.masterKey !== undefined) {
    add(Redacted.value(wanted.masterKey), { secret: "master-key", key: null, known: true })
  }
  return values
}

interface Candidate {
  readonly at: number
  /** `null`: plain. Else the bytes that stand before the secret in its group of three. */
  readonly encoded: 0 | 1 | 2 | null
}

/**
 * What every secret contains, plain and in base64. Most of the time of a scan goes into looking for these, and a search
 * is as fast as its first character is rare in text: so `k-`, not `ek-`, and not the longest part that is certain.
 */
const marks = [
  { mark: Buffer.from("k-"), whole: Buffer.from("ek-"), skip: 1, back: 0, encoded: null },
  { mark: Buffer.from("ZWst"), whole: Buffer.from("ZWst"), skip: 0, back: 0, encoded: 0 },
  { mark: Buffer.from("VrLXByb3h5L"), whole: Buffer.from("VrLXByb3h5L"), skip: 0, back: 1, encoded: 1 },
  { mark: Buffer.from("1wcm94eS"), whole: Buffer.from("lay1wcm94eS"), skip: 3, back: 1, encoded: 2 }
] as const

/** In a text with more false hits than one in so many bytes ("link-", "task-") the slower search is the faster one. */
const worthIt = 300

const candidatesIn = (bytes: Buffer, from: number, to: number): Array<Candidate> => {
  const candidates: Array<Candidate> = []
  for (const { back, encoded, mark, skip, whole } of marks) {
    const begin = from + back
    let place = bytes.indexOf(mark, begin + skip)
    let misses = 0
    while (place !== -1 && place - skip - back < to && misses * worthIt <= place - begin) {
      if (begins(bytes, place - skip, whole, skip)) candidates.push({ at: place - skip - back, encoded })
      else misses++
      place = bytes.indexOf(mark, place + 1)
    }
    if (place === -1) continue
    place = bytes.indexOf(whole, place - skip)
    while (place !== -1 && place - back < to) {
      candidates.push({ at: place - back, encoded })
      place = bytes.indexOf(whole, place + 1)
    }
  }
  return candidates
}

/** Whether the first `length` bytes of a text are at a place. A call into the system would cost more than it does. */
const begins = (bytes: Buffer, at: number, text: Buffer, length: number): boolean => {
  for (let index = 0; index < length; index++) if (bytes[at + index] !== text[index]) return false
  return true
}

/** Characters of base64 for so many bytes, in whole groups. */
const base64Length = (bytes: number): number => Math.ceil(bytes / 3) * 4

/** Where the base64 that goes on from `start` ends; `null` if there is none before `at`. */
const endOfBase64 = (bytes: Buffer, start: number, at: number, limit: number): number | null => {
  let end = start
  while (end < limit && isBase64[bytes[end] ?? 0] === 1) end++
  return start >= 0 && end > at ? end : null
}

const isBase64 = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte)) ? 1 : 0
)
