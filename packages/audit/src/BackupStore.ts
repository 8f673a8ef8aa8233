import type { AccountId } from "@keysweep/core/Account"
import { Context, type Effect, type Option } from "effect"
import type { BackupUnavailable } from "./BackupError.ts"

export interface StoredBackup {
  readonly sealed: Uint8Array
  /** Text of the manifest; `null`: there is none, because the writer was killed before it, or it was removed. */
  readonly manifest: string | null
}

/**
 * Where encrypted backups are kept. A store promises: `put` is durable when it returns and never replaces a backup; `get`
 * reads what is really there, not what was just written.
 */
export class BackupStore extends Context.Tag("@keysweep/audit/BackupStore")<
  BackupStore,
  {
    readonly put: (account: AccountId, id: string, sealed: Uint8Array) => Effect.Effect<void, BackupUnavailable>
    /** Written last, once the backup has been read back: a backup with a manifest is a verified one. */
    readonly describe: (account: AccountId, id: string, manifest: string) => Effect.Effect<void, BackupUnavailable>
    readonly get: (account: AccountId, id: string) => Effect.Effect<Option.Option<StoredBackup>, BackupUnavailable>
    /** Manifests only, oldest first. */
    readonly manifests: (account: AccountId) => Effect.Effect<ReadonlyArray<string>, BackupUnavailable>
    readonly remove: (account: AccountId, id: string) => Effect.Effect<void, BackupUnavailable>
  }
>() {}
