import { AccountId } from "@keysweep/core/Account"
import { canonicalJson } from "@keysweep/core/Canonical"
import { KeyId } from "@keysweep/core/ProxyKey"
import { Schema } from "effect"
import { RunId } from "./RunId.ts"

/** `bk_`, then milliseconds in base 36, then random characters: sorts by time, and is safe as a file name. */
export const BackupId = Schema.String.pipe(Schema.pattern(/^bk_[0-9a-z]{9}_[0-9a-z]{10}$/))

/** What lies beside a backup in the clear: ids and counts, no setting and no name of a key. */
export const BackupManifest = Schema.Struct({
  schema: Schema.Literal("keysweep.backup-manifest/1"),
  id: BackupId,
  account: AccountId,
  run: RunId,
  /** When the inventory was read. */
  at: Schema.DateTimeUtc,
  takenAt: Schema.DateTimeUtc,
  keys: Schema.Array(KeyId),
  /** Of the encrypted file. */
  bytes: Schema.Int,
  sha256: Schema.String,
  recipients: Schema.Array(Schema.String),
  /** Whether it was decrypted and compared when it was taken, or could only be read back. */
  checked: Schema.Literal("opened", "read back")
})
export type BackupManifest = typeof BackupManifest.Type

export const encodeManifest = (manifest: BackupManifest): string =>
  `${canonicalJson(Schema.encodeSync(BackupManifest)(manifest))}\n`

export const decodeManifest = Schema.decodeUnknownEither(Schema.parseJson(BackupManifest))
