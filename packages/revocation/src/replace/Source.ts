import { type BackupDamaged, Backups, type BackupUnavailable } from "@keysweep/audit/Backup"
import type { BackupStore } from "@keysweep/audit/BackupStore"
import type { LogView } from "@keysweep/audit/Projection"
import * as SealAge from "@keysweep/audit/SealAge"
import type { Snapshot } from "@keysweep/audit/Snapshot"
import type { AccountId } from "@keysweep/core/Account"
import type { ProxyKey } from "@keysweep/core/ProxyKey"
import { Effect, Layer, type Redacted } from "effect"
import { ReplaceRefused } from "./ReplaceRefused.ts"

/** Where the settings of keys that are gone come from: a backup, or the log's own record of every retired key. */
export type Source = { readonly backup: string; readonly identity?: Redacted.Redacted | undefined } | "log"

/** The keys of a source as they were. A backup opens with the identity given, else with that of the home folder. */
export const sourceKeys = (source: Source, account: AccountId, view: LogView) => {
  if (source === "log") {
    return Effect.succeed([...view.retired.values()].flatMap(({ how, key }) => (how === "deleted" ? [key] : [])))
  }
  const { backup, identity } = source
  const show: Effect.Effect<Snapshot, BackupUnavailable | BackupDamaged, Backups> = Effect.flatMap(Backups, (backups) =>
    backups.show(backup)
  )
  const opened: Effect.Effect<Snapshot, BackupUnavailable | BackupDamaged, Backups | BackupStore> =
    identity === undefined
      ? show
      : Effect.provide(show, Layer.provide(Backups.layer(account), SealAge.layerIdentity(identity)))
  return opened.pipe(
    Effect.mapError((error) => new ReplaceRefused({ detail: `The backup cannot be used: ${error.message}` })),
    Effect.filterOrFail(
      (snapshot) => snapshot.account === account,
      () => new ReplaceRefused({ detail: `The backup ${backup} is of another account; nothing was changed.` })
    ),
    Effect.map((snapshot): ReadonlyArray<ProxyKey> => snapshot.keys)
  )
}
