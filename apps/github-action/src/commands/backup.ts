import { Log } from "@keysweep/audit/Log"
import { Effect } from "effect"
import { backupPathOf } from "../BackupPath.ts"
import type { Command } from "../Step.ts"
import { backupSummary } from "../Summary.ts"

/** Reads every key and backs the settings up, for the recipients of the step. */
export const backup: Command = ({ home, sweep }) =>
  Effect.gen(function* () {
    const manifest = yield* sweep.backup
    const anchor = yield* sweep.books(Effect.flatMap(Log, (log) => log.anchor))
    return {
      outcome: "done",
      counts: { keys: manifest.keys.length, recipients: manifest.recipients.length },
      line: `backup ${manifest.id} of ${manifest.keys.length} keys`,
      summary: backupSummary(manifest),
      backupPath: backupPathOf(home, manifest.account, manifest.id),
      ...(anchor === null ? {} : { anchor })
    }
  })
