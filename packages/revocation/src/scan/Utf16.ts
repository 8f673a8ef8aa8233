import type { ByteScan } from "./ByteScan.ts"

/**
 * Searches a text with the byte order mark of UTF-16 (what Windows PowerShell writes with `>`) a second time, decoded.
 * As bytes it is searched in any case: a binary file may begin with the same two bytes.
 */
export const withUtf16 = (plain: ByteScan, decoded: ByteScan): ByteScan => {
  let order: "unknown" | "none" | "little" | "big" = "unknown"
  /** A byte that waits for the other half of its code unit. */
  let half: Buffer = Buffer.alloc(0)

  const decode = (chunk: Buffer): void => {
    const all = half.length === 0 ? chunk : Buffer.concat([half, chunk])
    const whole = all.subarray(0, all.length - (all.length % 2))
    half = all.subarray(whole.length)
    if (order === "unknown" && whole.length > 0) order = orderOf(whole)
    if (order === "little" || order === "big") {
      const text = Buffer.from((order === "big" ? Buffer.from(whole).swap16() : whole).toString("utf16le"))
      decoded.push(text, text.length)
    }
  }

  return {
    push: (chunk, count) => {
      if (order === "unknown" && half.length === 0 && count > 1) order = orderOf(chunk)
      if (order !== "none") decode(chunk.subarray(0, count))
      plain.push(chunk, count)
    },
    end: () => {
      const first = plain.end()
      const second = order === "little" || order === "big" ? decoded.end() : null
      order = "unknown"
      half = Buffer.alloc(0)
      return second === null
        ? first
        : { ...first, spots: [...first.spots, ...second.spots], whole: first.whole && second.whole }
    }
  }
}

const orderOf = (text: Buffer): "none" | "little" | "big" => {
  if (text[0] === 0xff && text[1] === 0xfe) return "little"
  return text[0] === 0xfe && text[1] === 0xff ? "big" : "none"
}
