import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { join } from "node:path"
import { Config, Effect, Option, Redacted, Ref } from "effect"
import type { Signer } from "../Head.ts"
import { LogUnavailable } from "../LogStore.ts"
import { privateKeyOf, SigningKeyRefused } from "../SigningKey.ts"
import { createFile, type FileTrouble, makeDir, readWhole } from "./Files.ts"

/**
 * The log's signing key where it does not lie in a file: an Ed25519 key as PEM (PKCS #8), or the base64 of its 32 bytes.
 */
export const signingKeyConfig = Config.option(Config.redacted("KEYSWEEP_SIGNING_KEY"))

/** Who signs for a home: `KEYSWEEP_SIGNING_KEY`, else its file `signing-key`. Looked up when first asked for. */
export const makeSigner = (home: string): Effect.Effect<Effect.Effect<Signer, LogUnavailable>> =>
  Effect.gen(function* () {
    const given = Option.flatten(yield* Effect.option(signingKeyConfig))
    const known = yield* Ref.make<Signer | null>(null)
    return Effect.gen(function* () {
      const before = yield* Ref.get(known)
      if (before !== null) return before
      const found = yield* Option.isSome(given) ? signerFromText("KEYSWEEP_SIGNING_KEY", given.value) : fileSigner(home)
      yield* Ref.set(known, found)
      return found
    }).pipe(Effect.mapError((error) => new LogUnavailable({ detail: error.detail })))
  })

export const signerFromText = (where: string, text: Redacted.Redacted): Effect.Effect<Signer, SigningKeyRefused> =>
  Effect.try({
    try: () => signerOf(privateKeyOf(Redacted.value(text).trim())),
    catch: () => new SigningKeyRefused(where)
  })

/** The key in `home/signing-key` (PEM, mode 0600), made if there is none. */
export const fileSigner = (home: string): Effect.Effect<Signer, SigningKeyRefused | FileTrouble> =>
  Effect.gen(function* () {
    const path = join(home, "signing-key")
    const known = yield* readWhole(path)
    if (Option.isSome(known))
      return yield* signerFromText(path, Redacted.make(Buffer.from(known.value).toString("utf8")))
    const pem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString()
    yield* makeDir(home)
    // Whoever was quicker made the key; it is the same for all then.
    yield* createFile(path, Buffer.from(pem)).pipe(
      Effect.catchAll((error) => (error.code === "EEXIST" ? Effect.void : Effect.fail(error)))
    )
    return yield* fileSigner(home)
  })

const signerOf = (key: KeyObject): Signer => {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" })
  return {
    key: `ed25519:${spki.subarray(-32).toString("base64")}`,
    sign: (text) => sign(null, Buffer.from(text, "utf8"), key).toString("base64")
  }
}
