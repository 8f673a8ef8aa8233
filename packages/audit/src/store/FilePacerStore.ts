import type { AccountId } from "@keysweep/core/Account"
import { empty, PacerState } from "@keysweep/core/PacerState"
import { PacerStore, PacerStoreUnavailable } from "@keysweep/core/PacerStore"
import { DateTime, Effect, Layer, Option, Schema, Scope } from "effect"
import { join } from "node:path"
import { type FileTrouble, makeDir, readWhole, replaceFile } from "./Files.ts"
import { type FileLock, makeFileLock } from "./FileLock.ts"

const StoredState = Schema.parseJson(PacerState)

/**
 * The pacer's state in one small file per master key under `home`, shared by the processes of a user: each change is
 * made under a lock between processes, and is durable before it counts.
 */
export const layer = (home: string): Layer.Layer<PacerStore> =>
  Layer.scoped(
    PacerStore,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const since = DateTime.formatIso(yield* DateTime.now)
      const locks = new Map<AccountId, FileLock>()
      const one = yield* Effect.makeSemaphore(1)

      const lockOf = (credential: AccountId) =>
        one.withPermits(1)(
          Effect.gen(function* () {
            const known = locks.get(credential)
            if (known !== undefined) return known
            const folder = join(home, "pacer", `${credential}.lock`)
            yield* makeDir(folder)
            const lock = yield* makeFileLock(folder, { actor: "pacer", run: null, since }).pipe(
              Scope.extend(scope)
            )
            locks.set(credential, lock)
            return lock
          })
        )

      const change = <A>(credential: AccountId, step: (state: PacerState) => readonly [A, PacerState]) =>
        Effect.gen(function* () {
          const path = join(home, "pacer", `${credential}.json`)
          const before = yield* read(path)
          const [result, after] = step(before)
          if (after !== before) yield* replaceFile(path, Buffer.from(Schema.encodeSync(StoredState)(after)))
          return result
        })

      return PacerStore.of({
        modify: (credential, step) =>
          Effect.flatMap(lockOf(credential), (lock) => lock.hold(() => change(credential, step))).pipe(
            Effect.catchTag("FileTrouble", (trouble) => Effect.fail(unavailable(trouble.detail))),
            Effect.timeoutFail({ duration: "5 seconds", onTimeout: () => unavailable("its lock was not free for 5 s") })
          )
      })
    })
  )

const read = (path: string): Effect.Effect<PacerState, FileTrouble | PacerStoreUnavailable> =>
  Effect.flatMap(
    readWhole(path),
    Option.match({
      onNone: () => Effect.succeed(empty),
      onSome: (bytes) =>
        Schema.decodeUnknown(StoredState)(Buffer.from(bytes).toString("utf8")).pipe(
          Effect.mapError(() =>
            unavailable(`${path} cannot be read. If no other keysweep has sent anything in the last 4 minutes, delete it.`)
          )
        )
    })
  )

const unavailable = (detail: string) => new PacerStoreUnavailable({ detail })
