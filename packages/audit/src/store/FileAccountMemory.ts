import type { AccountId } from "@keysweep/core/Account"
import { AccountMemory, KnownAccount } from "@keysweep/core/AccountMemory"
import { Effect, Layer, Option, Schema } from "effect"
import { join } from "node:path"
import { makeDir, readWhole, replaceFile } from "./Files.ts"

const Stored = Schema.parseJson(KnownAccount)

/**
 * What is known of the accounts behind master keys, one small file each under `home`. Forgetting costs one request, so
 * a file that cannot be read is as good as none, and one that cannot be written is no reason to stop.
 */
export const layer = (home: string): Layer.Layer<AccountMemory> =>
  Layer.succeed(
    AccountMemory,
    AccountMemory.of({
      get: (credential) =>
        readWhole(fileOf(home, credential)).pipe(
          Effect.map(Option.map((bytes) => Buffer.from(bytes).toString("utf8"))),
          Effect.map(Option.flatMap(Schema.decodeUnknownOption(Stored))),
          Effect.map(Option.getOrNull),
          Effect.orElseSucceed(() => null)
        ),
      set: (credential, known) =>
        makeDir(join(home, "credentials")).pipe(
          Effect.zipRight(replaceFile(fileOf(home, credential), Buffer.from(Schema.encodeSync(Stored)(known)))),
          Effect.ignore
        )
    })
  )

const fileOf = (home: string, credential: AccountId): string => join(home, "credentials", `${credential}.json`)
