/** The request target as a stock Starlette sees it. */
export interface Target {
  /** Percent-decoded once, never normalised: `%2e%2e` is the segment `..`, `%2F` is a slash. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
}

export const parseTarget = (raw: string): Target => {
  const [beforeFragment = ""] = raw.split("#", 1)
  const [rawPath = ""] = beforeFragment.split("?", 1)
  // The absolute form, which clients send to proxies.
  const local = rawPath.replace(/^https?:\/\/[^/]*/i, "")
  const query = beforeFragment.slice(rawPath.length)
  return { path: unquote(local), query: query === "?" ? "" : query }
}

/** Python's `urllib.parse.unquote`: what is not a whole escape stays, bytes that are not UTF-8 become U+FFFD. */
const unquote = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"))

/** Starlette's `quote(url, safe=…)` for the `Location` of its redirects. */
export const quote = (text: string): string =>
  encodeURIComponent(text).replaceAll(/%(?:3A|2F|25|23|3F|3D|40|5B|5D|21|24|26|27|28|29|2A|2B|2C|3B)/g, (escape) =>
    decodeURIComponent(escape)
  )
