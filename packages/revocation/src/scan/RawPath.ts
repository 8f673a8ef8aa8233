import { withoutSecrets } from "@keysweep/core/SafeText"
import type { Matcher } from "./Matcher.ts"

/**
 * A path as its bytes, each one character (Latin-1): a file's name need not be UTF-8, and two names that look alike after
 * decoding are two files.
 */
export type RawPath = string

export const rawPath = (text: string): RawPath => Buffer.from(text).toString("latin1")

export const pathBytes = (raw: RawPath): Buffer => Buffer.from(raw, "latin1")

/** What the file system is asked with. */
export const systemPath = (raw: RawPath): string | Buffer => (/[\x80-\xff]/.test(raw) ? pathBytes(raw) : raw)

/** A path for people and documents: secrets in it are replaced by their ids. It may still hold control characters. */
export const shownPath = (matcher: Matcher, raw: RawPath): string => {
  const bytes = pathBytes(raw)
  let shown = ""
  let taken = 0
  for (const { at, key, length } of matcher.find(bytes, 0, bytes.length)) {
    shown += `${bytes.toString("utf8", taken, at)}[${key ?? "secret"}]`
    taken = at + length
  }
  return withoutSecrets(shown + bytes.toString("utf8", taken))
}
