import type { AccountId } from "@keysweep/core/Account"
import { empty, PacerState } from "@keysweep/core/PacerState"
import { PacerStore, PacerStoreUnavailable } from "@keysweep/core/PacerStore"
import { join } from "node:path"
import { DateTime, Effect, Layer, Option, Schema, Scope } from "effect"
import { within } from "../MachineClock.ts"
import { makeFileLock } from "./FileLock.ts"
import { type FileTrouble, readWhole, replaceFile, swapFile } from "./Files.ts"
import { inTurn } from "../Turns.ts"
import { osUser } from "./Process.ts"

/**
 * The pacer's state in `home/credentials/<credential>/pacer.json`, shared by all processes of a user. A step waits for
 * the others' at most 5 s. It outlives the process at once, and the machine where a cooldown is concerned.
 */
export const layer = (home: string): Layer.Layer<PacerStore> =>
  Layer.scoped(
    PacerStore,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const folder = (credential: AccountId) => join(home, "credentials", credential)
      const lockOf = yield* Effect.cachedFunction((credential: AccountId) =>
        Effect.gen(function* () {
          const who = { actor: yield* osUser, run: null, since: DateTime.formatIso(yield* DateTime.now) }
          return yield* makeFileLock(join(folder(credential), "lock"), who)
        }).pipe(Effect.provideService(Scope.Scope, scope))
      )

      const latest = new Map<AccountId, Latest>()

      const modify: PacerStore["Type"]["modify"] = (credential, change) =>
        Effect.gen(function* () {
          const path = join(folder(credential), "pacer.json")
          const lock = yield* lockOf(credential)
          return yield* lock.hold((generation) =>
            Effect.gen(function* () {
              const known = latest.get(credential)
              // If our lock is the same or the very next one, nobody has been here since.
              const passed = known === undefined ? null : generation - known.generation
              const before =
                known !== undefined && (passed === 0 || passed === 1) ? known.state : yield* readState(path)
              const [result, after] = change(before)
              if (after !== before) {
                // Every field is written as it is held.
                const bytes = Buffer.from(JSON.stringify(after), "utf8")
                // After a restart of the machine slots are old enough to be forgotten; a cooldown may not be.
                yield* after.cooldownUntil === before.cooldownUntil ? swapFile(path, bytes) : replaceFile(path, bytes)
              }
              latest.set(credential, { generation, state: after })
              return result
            }).pipe(Effect.onError(() => Effect.sync(() => latest.delete(credential))))
          )
        }).pipe(Effect.catchTag("FileTrouble", unavailable), (step) => inTurn(within(step, tooSlow)))

      return PacerStore.of({ modify })
    })
  )

/** What this process read or wrote last, and the lock under which it did. */
interface Latest {
  readonly generation: number
  readonly state: PacerState
}

const readState = (path: string): Effect.Effect<PacerState, FileTrouble | PacerStoreUnavailable> =>
  Effect.flatMap(
    readWhole(path),
    Option.match({
      onNone: () => Effect.succeed(empty),
      onSome: (bytes) =>
        Effect.mapError(
          decode(Buffer.from(bytes).toString("utf8")),
          () =>
            new PacerStoreUnavailable({
              detail: `${path} cannot be read; after four minutes without a request it may be removed`
            })
        )
    })
  )

const decode = Schema.decodeUnknown(Schema.parseJson(PacerState))

const unavailable = (error: FileTrouble) => new PacerStoreUnavailable({ detail: error.detail })

const tooSlow = () =>
  new PacerStoreUnavailable({ detail: "its file does not answer within 5 s, or another process holds it" })
