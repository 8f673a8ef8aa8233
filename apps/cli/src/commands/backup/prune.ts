import { Command, Options } from "@effect/cli"
import { Backups } from "@keysweep/audit/Backup"
import { BackupManifest } from "@keysweep/audit/BackupManifest"
import { Log } from "@keysweep/audit/Log"
import { projectStream } from "@keysweep/audit/Projection"
import { DateTime, Effect, Option, Schema } from "effect"
import { withBooks } from "../../Books.ts"
import { UsageError } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { backupsText } from "../../render/BackupText.ts"
import { counted } from "../../render/Words.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"
import { durationOf } from "../selectors.ts"

const olderThan = Options.text("older-than").pipe(
  Options.withPseudoName("TIME"),
  Options.withDescription("Only backups taken so long ago: 90d."),
  Options.optional
)
const keep = Options.integer("keep").pipe(
  Options.withPseudoName("NUMBER"),
  Options.withDescription("So many of the newest stay in any case. 10 without it."),
  Options.withDefault(10)
)

export const backupPrune = verb(
  {
    about: "Remove old backups for good.",
    details: ["The last backup of a key that was retired within the same time always stays."],
    examples: ["keysweep backup prune --older-than 90d --keep 10"]
  },
  Command.make("prune", { olderThan, keep, account, json }, (typed) =>
    Effect.gen(function* () {
      const next = ["keysweep backup prune --older-than 90d --keep 10"]
      if (Option.isNone(typed.olderThan)) {
        return yield* new UsageError({ detail: "How old must a backup be to go? --older-than is missing.", next })
      }
      if (typed.keep < 0) return yield* new UsageError({ detail: "--keep takes a number of backups, 0 or more.", next })
      const age = yield* durationOf("--older-than")(typed.olderThan.value)
      const since = DateTime.subtractDuration(yield* DateTime.now, age)
      const { account, gone } = yield* withBooks(typed.account, (account) =>
        Effect.gen(function* () {
          const { retired } = yield* projectStream((yield* Log).stream)
          const lately = [...retired].flatMap(([id, { at }]) => (DateTime.greaterThan(at, since) ? [id] : []))
          const { prune } = yield* Backups
          return { account, gone: yield* prune({ olderThan: age, keep: typed.keep, retired: lately }) }
        })
      )
      if (typed.json) {
        const removed = Schema.encodeSync(Schema.Array(BackupManifest))(gone)
        return yield* printDocument({ schema: "keysweep.backup-prune/1", account, removed })
      }
      const { out } = yield* Output
      yield* print(
        gone.length === 0
          ? `No backup of ${account} is old enough to go.`
          : `${backupsText(gone, account, out.style, yield* out.width)}\n\n${counted(gone.length, "backup")} removed.`
      )
    })
  )
)
