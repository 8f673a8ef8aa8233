import { Effect, Option } from "effect"

/**
 * What libsodium calls a sealed box (X25519, XSalsa20-Poly1305): whoever has the public key can seal, and only the other
 * half opens. `None`: this is no public key. The library is loaded when it is first used.
 */
export const sealedBox = (text: string, publicKey: string): Effect.Effect<Option.Option<string>> =>
  Effect.promise(() => import("libsodium-wrappers")).pipe(
    Effect.flatMap(({ default: sodium }) =>
      Effect.as(
        Effect.promise(() => sodium.ready),
        sodium
      )
    ),
    Effect.map(
      Option.liftThrowable((sodium) => {
        const key = sodium.from_base64(publicKey, sodium.base64_variants.ORIGINAL)
        const sealed = sodium.crypto_box_seal(sodium.from_string(text), key)
        return sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL)
      })
    )
  )
