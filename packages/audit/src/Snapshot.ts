import { AccountId } from "@keysweep/core/Account"
import { canonicalJson } from "@keysweep/core/Canonical"
import { ProxyKey } from "@keysweep/core/ProxyKey"
import { jsonWithoutSecrets } from "@keysweep/core/SafeText"
import { Either, Schema } from "effect"
import { RunId } from "./RunId.ts"

/** What a backup holds: every setting of the keys, known or not, and never a secret. */
export const Snapshot = Schema.Struct({
  schema: Schema.Literal("keysweep.backup/1"),
  account: AccountId,
  run: RunId,
  /** When the inventory was read that this is a copy of. */
  at: Schema.DateTimeUtc,
  keys: Schema.Array(ProxyKey)
})
export type Snapshot = typeof Snapshot.Type

export const encodeSnapshot = (snapshot: Snapshot): Uint8Array =>
  Buffer.from(canonicalJson(jsonWithoutSecrets(Schema.encodeSync(Snapshot)(snapshot))), "utf8")

/** The failure says what is wrong with the file, never what is in it. */
export const decodeSnapshot = (bytes: Uint8Array): Either.Either<Snapshot, "unsupported version" | "altered"> => {
  const text = Buffer.from(bytes).toString("utf8")
  return Either.mapLeft(decode(text), () => (Either.isRight(decodeName(text)) ? "unsupported version" : "altered"))
}

const decode = Schema.decodeUnknownEither(Schema.parseJson(Snapshot))
const decodeName = Schema.decodeUnknownEither(
  Schema.parseJson(
    Schema.Struct({
      schema: Schema.String.pipe(
        Schema.filter((name) => name.startsWith("keysweep.backup/") && name !== "keysweep.backup/1")
      )
    })
  )
)
