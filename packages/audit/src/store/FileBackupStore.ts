import type { AccountId } from "@keysweep/core/Account"
import { join } from "node:path"
import { Effect, Layer, Option, Schema } from "effect"
import { BackupUnavailable } from "../BackupError.ts"
import { BackupId } from "../BackupManifest.ts"
import { BackupStore } from "../BackupStore.ts"
import {
  absentAsNone,
  createFile,
  type FileTrouble,
  makeDir,
  namesIn,
  readWhole,
  removeFile,
  syncDir
} from "./Files.ts"

/** `<id>.age` and `<id>.json` below `home/accounts/<account>/backups`. Folders 0700, files 0600. */
export const layer = (home: string): Layer.Layer<BackupStore> =>
  Layer.sync(BackupStore, () => {
    const folder = (account: AccountId) => join(home, "accounts", account, "backups")

    return BackupStore.of({
      put: (account, id, sealed) =>
        Effect.zipRight(makeDir(folder(account)), createFile(join(folder(account), `${id}.age`), sealed)).pipe(
          Effect.catchAll(unavailable)
        ),
      describe: (account, id, manifest) =>
        Effect.catchAll(createFile(join(folder(account), `${id}.json`), Buffer.from(manifest, "utf8")), unavailable),
      get: (account, id) =>
        isId(id)
          ? Effect.gen(function* () {
              const sealed = yield* readWhole(join(folder(account), `${id}.age`))
              const manifest = yield* readWhole(join(folder(account), `${id}.json`))
              return Option.map(sealed, (bytes) => ({
                sealed: bytes,
                manifest: Option.getOrNull(Option.map(manifest, textOf))
              }))
            }).pipe(Effect.catchAll(unavailable))
          : Effect.succeedNone,
      manifests: (account) =>
        Effect.gen(function* () {
          const ids = (yield* namesIn(folder(account))).filter(
            (name) => name.endsWith(".json") && isId(name.slice(0, -5))
          )
          const texts = yield* Effect.forEach(ids, (name) => readWhole(join(folder(account), name)))
          return texts.flatMap((text) => Option.toArray(Option.map(text, textOf)))
        }).pipe(Effect.catchAll(unavailable)),
      remove: (account, id) =>
        Effect.gen(function* () {
          if (!isId(id)) return
          // The manifest goes last: what is left of an unfinished removal is still listed, and can be removed again.
          for (const name of [`${id}.age`, `${id}.json`]) yield* absentAsNone(removeFile(join(folder(account), name)))
          yield* syncDir(folder(account))
        }).pipe(Effect.catchAll(unavailable))
    })
  })

/** An id becomes a file name, so nothing else may. */
const isId = Schema.is(BackupId)

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8")

const unavailable = (error: FileTrouble) => new BackupUnavailable({ detail: error.detail })
