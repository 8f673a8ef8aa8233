import { bech32 } from "@scure/base"
import { Either, Redacted } from "effect"
import { hkdfSync } from "node:crypto"
import { signingSeed, type SigningKeyRefused } from "./SigningKey.ts"

/**
 * An age identity that whoever holds a log's signing key can derive, and nobody else: what is sealed for it alone comes
 * from a holder, too, because its recipient is told to nobody. For what one machine hands to the next through a place
 * that others can read.
 */
export const signingIdentity = (
  where: string,
  signingKey: Redacted.Redacted
): Either.Either<Redacted.Redacted, SigningKeyRefused> =>
  Either.map(signingSeed(where, signingKey), (seed) => {
    const secret = hkdfSync("sha256", Redacted.value(seed), "", "keysweep/signing-identity/1", 32)
    return Redacted.make(bech32.encodeFromBytes("age-secret-key-", new Uint8Array(secret)).toUpperCase())
  })
