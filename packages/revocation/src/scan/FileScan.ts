import { closeSync, constants, openSync, readSync } from "node:fs"
import { Either } from "effect"
import { type ByteScan, makeByteScan, type Scanned } from "./ByteScan.ts"
import { system } from "./FileSystem.ts"
import type { Matcher } from "./Matcher.ts"
import { type RawPath, systemPath } from "./RawPath.ts"
import { withUtf16 } from "./Utf16.ts"

export type FileScanned =
  | (Scanned & { readonly _tag: "Scanned" })
  /** Not searched. `ENOENT`: it is gone; `ELOOP`: a symbolic link; `EISDIR`: a folder. */
  | { readonly _tag: "Refused"; readonly code: string }

export interface FileScan {
  /** Synchronous: on a warm cache that is several times faster than any other way. A symbolic link is not followed. */
  readonly file: (path: RawPath) => FileScanned
  /** The same for bytes that come from elsewhere. */
  readonly bytes: ByteScan
}

/** One at a time: there is one buffer, and it is used again for every file. */
export const makeFileScan = (matcher: Matcher): FileScan => {
  const bytes = withUtf16(makeByteScan(matcher), makeByteScan(matcher))
  const chunk = Buffer.allocUnsafe(1_048_576)

  const pour = (file: number): void => {
    for (;;) {
      const count = readSync(file, chunk, 0, chunk.length, null)
      if (count > 0) bytes.push(chunk, count)
      // Only a full read, or one that ends with a page of memory, can have more behind it: one call less for a file.
      if (count === 0 || count % 4096 !== 0) return
    }
  }

  return {
    bytes,
    file: (path) => {
      const opened = system(() => openSync(systemPath(path), howToOpen))
      if (Either.isLeft(opened)) return { _tag: "Refused", code: opened.left }
      const poured = system(() => pour(opened.right))
      const scanned = bytes.end()
      const closed = system(() => closeSync(opened.right))
      const done = Either.flatMap(poured, () => closed)
      return Either.isLeft(done) ? { _tag: "Refused", code: done.left } : { _tag: "Scanned", ...scanned }
    }
  }
}

/** A pipe with nobody at its other end must not hold the scan up. */
const howToOpen = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
