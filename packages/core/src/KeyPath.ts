import { Brand, Option, Redacted } from "effect"
import type { ProxyKeySecret } from "./ProxyKey.ts"

/** A proxy key as exactly one segment of a path. There is no other way for a key to get into a path. */
export type KeySegment = string & Brand.Brand<"KeySegment">

const segment = Brand.nominal<KeySegment>()

const allowed = /^ek-proxy-(?!\.*$)[^/\\?#%\s\p{C}\p{Z}]{1,247}$/u

/**
 * Percent-encodes a key as one path segment, or refuses it.
 *
 * An empty or dotted segment, a query or a fragment would turn "delete this key" into "delete every key", because the
 * bulk route is the single one without its last segment. Refused: anything that a router or an edge in front of it
 * might split, decode or normalise (`/ \ ? # %`, white space, control characters, only dots after the prefix), also
 * where a character becomes one of these only in a compatibility form (NFKC), as full-width ones do.
 */
export const keySegment = (secret: ProxyKeySecret): Option.Option<KeySegment> => {
  const text = Redacted.value(secret)
  return allowed.test(text) && allowed.test(text.normalize("NFKC"))
    ? Option.some(segment(encodeURIComponent(text)))
    : Option.none()
}
