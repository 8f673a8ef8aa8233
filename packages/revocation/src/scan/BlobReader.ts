import type { ByteScan, Scanned } from "./ByteScan.ts"

/** Reads what `git cat-file --batch` prints: a line `<object> blob <size>`, so many bytes, a line feed. */
export const makeBlobReader = (
  scan: ByteScan,
  onBlob: (object: string, scanned: Scanned) => void
): ((chunk: Buffer) => void) => {
  let header = ""
  let object = ""
  /** Bytes of the object that have not come yet; `null`: a header is next. */
  let left: number | null = null

  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (left === null) {
        const feed = chunk.indexOf(10, at)
        header += chunk.toString("latin1", at, feed === -1 ? chunk.length : feed)
        at = feed === -1 ? chunk.length : feed + 1
        if (feed === -1) continue
        const [name = "", , size] = header.split(" ")
        header = ""
        if (size === undefined) continue
        object = name
        left = Number(size)
      } else if (left > 0) {
        const part = chunk.subarray(at, at + left)
        scan.push(part, part.length)
        at += part.length
        left -= part.length
      } else {
        onBlob(object, scan.end())
        left = null
        at++
      }
    }
  }
}
