import { Either, Redacted } from "effect"
import { createPrivateKey, type KeyObject } from "node:crypto"

/** The text is not an Ed25519 key; says nothing of what it is. */
export class SigningKeyRefused {
  readonly _tag = "SigningKeyRefused"
  readonly detail: string
  constructor(where: string) {
    this.detail = `${where} is not an Ed25519 key (PEM, or base64 of 32 bytes)`
  }
}

/** The 32 secret bytes of a signing key, for what else only its holders are to be able to do. */
export const signingSeed = (
  where: string,
  text: Redacted.Redacted
): Either.Either<Redacted.Redacted<Uint8Array>, SigningKeyRefused> =>
  Either.try({
    // PKCS #8 of an Ed25519 key ends in them (RFC 8410).
    try: () =>
      Redacted.make<Uint8Array>(
        privateKeyOf(Redacted.value(text).trim()).export({ format: "der", type: "pkcs8" }).subarray(-32)
      ),
    catch: () => new SigningKeyRefused(where)
  })

/** PEM (PKCS #8), its line breaks as they are or as `\\n`, or the base64 of the 32 bytes. Throws on anything else. */
export const privateKeyOf = (text: string): KeyObject => {
  const pem = text.replaceAll("\\n", "\n")
  const raw = Buffer.from(text, "base64")
  const key = pem.startsWith("-----BEGIN")
    ? createPrivateKey(pem)
    : createPrivateKey({
        key: Buffer.concat([pkcs8Prefix, raw.subarray(0, raw.length === 32 ? 32 : 0)]),
        format: "der",
        type: "pkcs8"
      })
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError("not Ed25519")
  return key
}

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex")
