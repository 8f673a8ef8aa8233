import { DateTime, type Duration } from "effect"
import type { KeyId } from "@keysweep/core/ProxyKey"
import type { BackupManifest } from "./BackupManifest.ts"

/** Which of these backups (oldest first) may go: old, beyond the number to keep, and not the last of a retired key. */
export const doomed = (
  all: ReadonlyArray<BackupManifest>,
  now: DateTime.Utc,
  options: {
    readonly olderThan: Duration.DurationInput
    readonly keep: number
    readonly retired: ReadonlyArray<KeyId>
  }
): ReadonlyArray<BackupManifest> => {
  const before = DateTime.subtractDuration(now, options.olderThan)
  const last = new Map(all.flatMap((it) => it.keys.map((key) => [key, it.id] as const)))
  const needed = new Set(options.retired.map((key) => last.get(key)))
  return all
    .slice(0, Math.max(0, all.length - Math.max(0, options.keep)))
    .filter((it) => DateTime.lessThan(it.takenAt, before) && !needed.has(it.id))
}
