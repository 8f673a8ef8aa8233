import type { AccountId } from "@keysweep/core/Account"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { createHash } from "node:crypto"
import { Context, DateTime, Duration, Effect, Either, Layer, Option } from "effect"
import { BackupDamaged, BackupUnavailable, type Damage } from "./BackupError.ts"
import { type BackupManifest, decodeManifest, encodeManifest } from "./BackupManifest.ts"
import { doomed } from "./BackupPrune.ts"
import { BackupStore } from "./BackupStore.ts"
import { within } from "./MachineClock.ts"
import { type RunId, sortableId } from "./RunId.ts"
import { Seal, type SealBroken } from "./Seal.ts"
import { decodeSnapshot, encodeSnapshot, type Snapshot } from "./Snapshot.ts"

export { BackupDamaged, BackupUnavailable, type BackupManifest }

export interface BackupVerification {
  readonly id: string
  readonly sha256: string
  /** Of how many recipients the file really is. */
  readonly recipients: number
  readonly keys: number
  /** `false`: only the outside was checked, because there is no identity here. */
  readonly opened: boolean
}

export interface PruneOptions {
  /** Backups younger than this stay. */
  readonly olderThan: Duration.DurationInput
  /** So many of the newest stay in any case. */
  readonly keep: number
  /** Keys retired so lately that their last backup must stay (the log says which). */
  readonly retired: ReadonlyArray<KeyId>
}

/** The encrypted settings of keys, taken before anything is done to them. */
export class Backups extends Context.Tag("@keysweep/audit/Backups")<
  Backups,
  {
    /**
     * Encrypts, stores, reads back, compares; opens it again where the identity is at hand. Only when it returns may a
     * write follow (I1). Safe to repeat: every call makes a new backup.
     */
    readonly take: (input: {
      readonly run: RunId
      /** When the inventory was read. */
      readonly at: DateTime.Utc
      readonly keys: ReadonlyArray<ProxyKey>
    }) => Effect.Effect<BackupManifest, BackupUnavailable>
    /** Oldest first. */
    readonly list: Effect.Effect<ReadonlyArray<BackupManifest>, BackupUnavailable>
    /** Completeness, recipients and integrity; shows no content, with or without the identity. */
    readonly verify: (id: string) => Effect.Effect<BackupVerification, BackupUnavailable | BackupDamaged>
    /** Needs the identity. */
    readonly show: (id: string) => Effect.Effect<Snapshot, BackupUnavailable | BackupDamaged>
    /** Removes old backups and says which. The last backup of a key in `retired` is never removed. */
    readonly prune: (options: PruneOptions) => Effect.Effect<ReadonlyArray<BackupManifest>, BackupUnavailable>
  }
>() {
  static readonly layer = (account: AccountId): Layer.Layer<Backups, never, BackupStore | Seal> =>
    Layer.effect(Backups, make(account))
}

const make = (account: AccountId) =>
  Effect.gen(function* () {
    const store = bounded(yield* BackupStore)
    const seal = yield* Seal

    const take: Backups["Type"]["take"] = ({ at, keys, run }) =>
      Effect.gen(function* () {
        const id = yield* sortableId("bk")
        const content = encodeSnapshot({ schema: "keysweep.backup/1", account, run, at, keys })
        const sealed = yield* seal.seal(content)
        yield* store.put(account, id, sealed)
        const back = yield* store.get(account, id)
        const sha256 = hashOf(sealed)
        if (Option.isNone(back) || hashOf(back.value.sealed) !== sha256) {
          return yield* new BackupUnavailable({
            detail: `backup ${id} does not read back as it was written; check the disk`
          })
        }
        const checked = yield* openAgain(id, back.value.sealed, content)
        const manifest: BackupManifest = {
          schema: "keysweep.backup-manifest/1",
          id,
          account,
          run,
          at,
          takenAt: yield* DateTime.now,
          keys: keys.map((key) => key.id),
          bytes: sealed.length,
          sha256,
          recipients: yield* seal.recipients,
          checked
        }
        yield* store.describe(account, id, encodeManifest(manifest))
        return manifest
      }).pipe(Effect.withSpan("Backups.take"))

    const openAgain = (id: string, sealed: Uint8Array, content: Uint8Array) =>
      Effect.gen(function* () {
        if (!(yield* seal.canOpen)) {
          yield* seal.inspect(sealed)
          return "read back" as const
        }
        const opened = yield* seal.open(sealed)
        if (hashOf(opened) === hashOf(content)) return "opened" as const
        return yield* new BackupUnavailable({ detail: `backup ${id} does not decrypt to what was encrypted` })
      }).pipe(
        Effect.catchTag(
          "SealBroken",
          (error) => new BackupUnavailable({ detail: `backup ${id} does not open again: ${error.detail}` })
        )
      )

    const list = store.manifests(account).pipe(
      Effect.map((texts) =>
        texts.flatMap((text) => Either.match(decodeManifest(text), { onLeft: () => [], onRight: (it) => [it] }))
      ),
      Effect.withSpan("Backups.list")
    )

    /** The file as it was described, or what is wrong with it. */
    const fetch = (id: string) =>
      Effect.gen(function* () {
        const found = yield* store.get(account, id)
        if (Option.isNone(found)) return yield* damaged(id, "missing", "there is no such backup")
        const { manifest: text, sealed } = found.value
        if (text === null) return yield* damaged(id, "missing", "it has no manifest: it was never finished")
        const manifest = Either.getOrNull(decodeManifest(text))
        if (manifest === null) return yield* damaged(id, "altered", "its manifest cannot be read")
        if (manifest.id !== id || manifest.account !== account)
          return yield* damaged(id, "altered", "its manifest is of another backup")
        if (sealed.length < manifest.bytes)
          return yield* damaged(id, "truncated", `${sealed.length} of ${manifest.bytes} bytes are there`)
        const outside = yield* Effect.mapError(seal.inspect(sealed), broken(id))
        if (hashOf(sealed) !== manifest.sha256)
          return yield* damaged(id, "altered", "it does not have the SHA-256 of its manifest")
        return { manifest, sealed, outside }
      })

    const openFetched = (id: string, sealed: Uint8Array) =>
      Effect.gen(function* () {
        const content = yield* seal.open(sealed)
        return yield* Either.mapLeft(decodeSnapshot(content), (reason) =>
          damagedBy(id, reason, "its content is not a snapshot that this version reads")
        )
      }).pipe(Effect.catchTag("SealBroken", (error) => Effect.fail(broken(id)(error))))

    const verify: Backups["Type"]["verify"] = (id) =>
      Effect.gen(function* () {
        const { manifest, outside, sealed } = yield* fetch(id)
        const opened = yield* seal.canOpen
        if (opened) {
          const snapshot = yield* openFetched(id, sealed)
          const same =
            snapshot.account === account && snapshot.keys.map((key) => key.id).join() === manifest.keys.join()
          if (!same) return yield* damaged(id, "altered", "it does not hold the keys that its manifest names")
        }
        return { id, sha256: manifest.sha256, recipients: outside.recipients, keys: manifest.keys.length, opened }
      }).pipe(Effect.withSpan("Backups.verify"))

    const show: Backups["Type"]["show"] = (id) =>
      Effect.flatMap(fetch(id), ({ sealed }) => openFetched(id, sealed)).pipe(Effect.withSpan("Backups.show"))

    const prune: Backups["Type"]["prune"] = (options) =>
      Effect.gen(function* () {
        const gone = doomed(yield* list, yield* DateTime.now, options)
        yield* Effect.forEach(gone, (it) => store.remove(account, it.id), { discard: true })
        return gone
      }).pipe(Effect.withSpan("Backups.prune"))

    return Backups.of({ take, list, verify, show, prune })
  })

const damagedBy = (backup: string, reason: Damage, detail: string) => new BackupDamaged({ backup, reason, detail })
const damaged = (backup: string, reason: Damage, detail: string) => Effect.fail(damagedBy(backup, reason, detail))
const broken = (backup: string) => (error: SealBroken) => damagedBy(backup, error.reason, error.detail)

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** A disk that hangs is a disk that is not there (I9). */
const bounded = (store: BackupStore["Type"]): BackupStore["Type"] => ({
  put: (...to) => within(store.put(...to), tooSlow),
  describe: (...what) => within(store.describe(...what), tooSlow),
  get: (...what) => within(store.get(...what), tooSlow),
  manifests: (account) => within(store.manifests(account), tooSlow),
  remove: (...what) => within(store.remove(...what), tooSlow)
})

const tooSlow = () => new BackupUnavailable({ detail: "the place of the backups does not answer within 5 s" })
