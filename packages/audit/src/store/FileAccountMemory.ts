import type { AccountId } from "@keysweep/core/Account"
import { AccountMemory, KnownAccount } from "@keysweep/core/AccountMemory"
import { dirname, join } from "node:path"
import { Effect, Either, Layer, Option, Schema } from "effect"
import { makeDir, readWhole, replaceFile } from "./Files.ts"

/** `home/credentials/<credential>/account.json`. What cannot be read or kept costs one more request, nothing else. */
export const layer = (home: string): Layer.Layer<AccountMemory> =>
  Layer.sync(AccountMemory, () => {
    const path = (credential: AccountId) => join(home, "credentials", credential, "account.json")
    return AccountMemory.of({
      get: (credential) =>
        readWhole(path(credential)).pipe(
          Effect.orElseSucceed(() => Option.none<Uint8Array>()),
          Effect.map(Option.flatMap((bytes) => Either.getRight(decode(Buffer.from(bytes).toString("utf8"))))),
          Effect.map(Option.getOrNull)
        ),
      set: (credential, known) =>
        makeDir(dirname(path(credential))).pipe(
          Effect.zipRight(replaceFile(path(credential), Buffer.from(encode(known), "utf8"))),
          Effect.ignore
        )
    })
  })

const document = Schema.parseJson(KnownAccount)
const decode = Schema.decodeUnknownEither(document)
const encode = Schema.encodeSync(document)
