import { Context, Data, type Effect } from "effect"
import type { BackupUnavailable, Damage } from "./BackupError.ts"

/** Why an encrypted file cannot be opened; names nothing that is in it. */
export class SealBroken extends Data.TaggedError("SealBroken")<{ readonly reason: Damage; readonly detail: string }> {}

/** Encrypts what nobody else is to read. */
export class Seal extends Context.Tag("@keysweep/audit/Seal")<
  Seal,
  {
    /** For whom it encrypts: public recipients, or the word `passphrase`. May make the identity. */
    readonly recipients: Effect.Effect<ReadonlyArray<string>, BackupUnavailable>
    readonly seal: (content: Uint8Array) => Effect.Effect<Uint8Array, BackupUnavailable>
    /** Whether `open` can be tried here: CI has the public recipients only. */
    readonly canOpen: Effect.Effect<boolean, BackupUnavailable>
    readonly open: (sealed: Uint8Array) => Effect.Effect<Uint8Array, SealBroken | BackupUnavailable>
    /** Looks at the outside only: that it is complete and of a known form, and for how many recipients. */
    readonly inspect: (sealed: Uint8Array) => Effect.Effect<{ readonly recipients: number }, SealBroken>
    /** The file of an identity that this program has just made, so that a surface can say so; `null` if it made none. */
    readonly made: Effect.Effect<string | null>
  }
>() {}
