import { Schema } from "effect"

/** The backup could not be made, kept or read. Without it no write may follow. */
export class BackupUnavailable extends Schema.TaggedError<BackupUnavailable>()("BackupUnavailable", {
  /** Safe text: what happened, and what to do. */
  detail: Schema.String
}) {
  override get message(): string {
    return `The backup is not available: ${this.detail}`
  }
}

export const Damage = Schema.Literal(
  "missing",
  "truncated",
  "altered",
  "wrong recipient",
  "wrong passphrase",
  "unsupported version",
  "not age"
)
export type Damage = typeof Damage.Type

/** There is a backup, or there should be one, and it is not what was written, or cannot be opened here. */
export class BackupDamaged extends Schema.TaggedError<BackupDamaged>()("BackupDamaged", {
  backup: Schema.String,
  reason: Damage,
  detail: Schema.String
}) {
  override get message(): string {
    return `Backup ${this.backup}: ${this.reason} (${this.detail})`
  }
}
