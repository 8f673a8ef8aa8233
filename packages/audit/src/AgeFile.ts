import { Either } from "effect"
import { SealBroken } from "./Seal.ts"

export interface AgeHeader {
  /** The kind of each stanza: `X25519`, `scrypt`, … */
  readonly stanzas: ReadonlyArray<string>
}

/**
 * Reads the outside of an age file (age-encryption.org/v1) without any key: the header's form, and that the payload can
 * be a whole one. What is inside, and whether a byte was changed, only a key can tell.
 */
export const inspectAge = (file: Uint8Array): Either.Either<AgeHeader, SealBroken> => {
  const text = Buffer.from(file.subarray(0, maxHeader)).toString("latin1")
  const version = text.slice(0, Math.max(0, text.indexOf("\n")))
  if (version !== "age-encryption.org/v1") {
    if (version.startsWith("age-encryption.org/"))
      return broken("unsupported version", "its header names a version that is not v1")
    return "age-encryption.org/v1\n".startsWith(text)
      ? broken("truncated", "it ends in its first line")
      : broken("not age", "it does not begin like an age file")
  }
  const mac = /\n--- ([^\n]*)(\n)?/.exec(text)
  if (mac === null) return broken(file.length < maxHeader ? "truncated" : "altered", "its header has no end")
  if (mac[2] === undefined) return broken("truncated", "it ends in its header")
  if (!/^[A-Za-z0-9+/]{43}$/.test(mac[1] ?? "")) return broken("altered", "its header's code is malformed")
  const lines = text
    .slice(version.length + 1, mac.index + 1)
    .split("\n")
    .slice(0, -1)
  const stanzas: Array<string> = []
  for (let at = 0; at < lines.length;) {
    const [arrow, kind, ...args] = (lines[at++] ?? "").split(" ")
    if (arrow !== "->" || kind === undefined || !/^[\x21-\x7e]+$/.test([kind, ...args].join(""))) {
      return broken("altered", "its header is malformed")
    }
    stanzas.push(kind)
    for (;;) {
      const body = lines[at++]
      if (body === undefined || !/^[A-Za-z0-9+/]{0,64}$/.test(body)) return broken("altered", "its header is malformed")
      if (body.length < 64) break
    }
  }
  if (stanzas.length === 0) return broken("altered", "its header names no recipient")
  // 16 bytes of nonce, then chunks of 64 KiB with 16 bytes each; only a sole chunk may be empty.
  const payload = file.length - (mac.index + mac[0].length) - 16
  const last = payload % 65_552
  return payload < 16 || (last > 0 && last < 16) || (last === 16 && payload > 65_552)
    ? broken("truncated", "its content is not complete")
    : Either.right({ stanzas })
}

const maxHeader = 262_144

const broken = (reason: SealBroken["reason"], detail: string) => Either.left(new SealBroken({ reason, detail }))
