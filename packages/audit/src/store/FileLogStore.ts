import type { AccountId } from "@keysweep/core/Account"
import { join } from "node:path"
import { DateTime, Effect, Layer, Option, Ref } from "effect"
import { type LeaseHeld, leaseHeldBy, Leases } from "../Lease.ts"
import { LogStore, LogUnavailable } from "../LogStore.ts"
import type { RunId } from "../RunId.ts"
import { openFileLog, unavailable } from "./FileLog.ts"
import { endLock, type FileLock, type LockHeld, makeFileLock } from "./FileLock.ts"
import { makeSigner } from "./FileSigningKey.ts"
import { osUser } from "./Process.ts"

export interface FileLogOptions {
  /** A segment is closed when the next record would make it larger. 8 MiB by default. */
  readonly segmentBytes?: number | undefined
}

interface Held {
  readonly run: RunId
  readonly fence: number
  readonly lock: FileLock
}

/**
 * Logs and leases in files below `home`, one folder per account: `accounts/<account>/log` and `accounts/<account>/lock`.
 * Makes nothing before the first record. Folders are 0700, files 0600.
 *
 * The signing key is `KEYSWEEP_SIGNING_KEY`, else the file `signing-key`, made on first use.
 */
export const layer = (home: string, options: FileLogOptions = {}): Layer.Layer<LogStore | Leases> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const signer = yield* makeSigner(home)
      const held = yield* Ref.make<ReadonlyMap<AccountId, Held>>(new Map())
      const folder = (account: AccountId, name: string) => join(home, "accounts", account, ...name.split("/"))

      const fence = (account: AccountId) => (run: RunId) =>
        Effect.gen(function* () {
          const lease = (yield* Ref.get(held)).get(account)
          if (lease === undefined || lease.run !== run) return null
          if (yield* Effect.catchAll(lease.lock.isCurrent(lease.fence), unavailable)) return lease.fence
          return yield* new LogUnavailable({
            detail: `the lease ${lease.fence} of this run was ended by somebody else`
          })
        })

      const open = (account: AccountId) =>
        Effect.gen(function* () {
          const since = DateTime.formatIso(yield* DateTime.now)
          const who = { actor: yield* osUser, run: null, since }
          const lock = yield* Effect.catchAll(makeFileLock(folder(account, "lock/append"), who), unavailable)
          return yield* openFileLog({
            dir: folder(account, "log"),
            account,
            lock,
            segmentBytes: options.segmentBytes ?? 8_388_608,
            fence: fence(account)
          })
        })

      const hold: Leases["Type"]["hold"] = (account, run, holder) =>
        Effect.gen(function* () {
          const who = { actor: holder?.name ?? (yield* osUser), run, since: DateTime.formatIso(yield* DateTime.now) }
          const lock = yield* makeFileLock(folder(account, "lock/run"), who)
          const number = yield* Effect.acquireRelease(lock.take, (it) =>
            Ref.update(held, (all) => new Map([...all].filter(([id]) => id !== account))).pipe(
              Effect.zipRight(Effect.ignore(lock.release(it)))
            )
          )
          yield* Ref.update(held, (all) => new Map(all).set(account, { run, fence: number, lock }))
          return { fence: number }
        }).pipe(Effect.catchTags({ LockHeld: leaseHeld, FileTrouble: unavailable }))

      const holder: Leases["Type"]["holder"] = (account) =>
        Effect.scoped(
          Effect.gen(function* () {
            const lock = yield* makeFileLock(folder(account, "lock/run"), { actor: "", run: null, since: "" })
            return Option.getOrNull(Option.map(yield* lock.holder, leaseHeld))
          })
        ).pipe(Effect.catchAll(unavailable))

      const end: Leases["Type"]["end"] = (account, number) =>
        Effect.catchAll(endLock(folder(account, "lock/run"), number), unavailable)

      return Layer.succeed(LogStore, LogStore.of({ signer, open })).pipe(
        Layer.merge(Layer.succeed(Leases, Leases.of({ hold, holder, end })))
      )
    })
  )

const leaseHeld = ({ generation, holder }: LockHeld): LeaseHeld => leaseHeldBy(generation, holder)
