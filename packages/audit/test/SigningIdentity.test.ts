import { Effect, Either, Redacted } from "effect"
import { assert, it } from "@effect/vitest"
import { generateKeyPairSync } from "node:crypto"
import * as SealAge from "../src/SealAge.ts"
import { Seal } from "../src/Seal.ts"
import { signingIdentity } from "../src/SigningIdentity.ts"

const makeKey = () => generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString()

const sealOf = (key: string) => SealAge.layerIdentity(Either.getOrThrow(signingIdentity("a test", Redacted.make(key))))

it.effect(
  "what one holder of a signing key seals, another holder opens, in whatever form they hold it, and nobody else",
  () =>
    Effect.gen(function* () {
      const pem = makeKey()
      const content = Buffer.from("state")
      const sealed = yield* Effect.flatMap(Seal, (seal) => seal.seal(content)).pipe(Effect.provide(sealOf(pem)))
      const body = pem.split("\n")[1] ?? ""
      const raw = Buffer.from(body, "base64").subarray(-32).toString("base64")
      for (const form of [pem, pem.replaceAll("\n", "\\n"), raw]) {
        const opened = yield* Effect.flatMap(Seal, (seal) => seal.open(sealed)).pipe(Effect.provide(sealOf(form)))
        assert.deepStrictEqual(Buffer.from(opened), content)
      }
      const other = yield* Effect.flip(
        Effect.flatMap(Seal, (seal) => seal.open(sealed)).pipe(Effect.provide(sealOf(makeKey())))
      )
      assert.strictEqual(other._tag, "SealBroken")
    })
)

it("what is no signing key gives no identity, and is not repeated", () => {
  const refused = Either.flip(signingIdentity("signing-key", Redacted.make("hunter2")))
  assert.notInclude(JSON.stringify(refused), "hunter2")
  assert.isTrue(Either.isRight(refused))
})
