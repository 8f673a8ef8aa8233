import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { base32nopad } from "@scure/base"
import canonicalize from "canonicalize"

/**
 * Canonical JSON (RFC 8785) of a JSON value. Fields that are `undefined` are left out.
 *
 * Throws on what JSON cannot say: `NaN`, infinities, a bare `undefined`.
 */
export const canonicalJson = (value: unknown): string => {
  const text: unknown = typeof serialize === "function" ? serialize(value) : undefined
  if (typeof text !== "string") throw new TypeError("not a JSON value")
  return text
}

// The package ships CommonJS (the function itself) with the types of an ES module.
const serialize: unknown = canonicalize

/** SHA-256 over the UTF-8 bytes of a text, as 64 lower-case hexadecimal digits. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))

/** SHA-256 over the canonical JSON of a value. */
export const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value))

/** The first 16 characters of lower-case base32 (RFC 4648, no padding) of SHA-256 over a text: 80 bits of it. */
export const shortHash = (text: string): string =>
  base32nopad
    .encode(sha256(utf8ToBytes(text)))
    .slice(0, 16)
    .toLowerCase()
