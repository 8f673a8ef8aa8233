import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { keepBackup } from "../Keeping.ts"
import type { Command } from "../Step.ts"
import { backupSummary } from "../Summary.ts"

/** Reads every key and backs the settings up, for the recipients of the step. */
export const backup: Command = () =>
  Effect.gen(function* () {
    const sweep = yield* Sweep
    const manifest = yield* sweep.backup
    const backupPath = yield* keepBackup(manifest.account, manifest.id)
    return {
      outcome: "done",
      counts: { keys: manifest.keys.length, recipients: manifest.recipients.length },
      line: `backup ${manifest.id} of ${manifest.keys.length} keys`,
      summary: backupSummary(manifest),
      ...(backupPath === null ? {} : { backupPath })
    }
  })
