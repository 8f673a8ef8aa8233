import { Command } from "@effect/cli"
import { Backups } from "@keysweep/audit/Backup"
import { BackupManifest } from "@keysweep/audit/BackupManifest"
import { Effect, Schema } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { backupsText } from "../../render/BackupText.ts"
import { withBooks } from "../../Books.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

export const backupList = verb(
  { about: "Show the backups of this account, oldest first.", examples: ["keysweep backup list"] },
  Command.make("list", { account, json }, ({ account: named, json }) =>
    Effect.gen(function* () {
      const { account, backups } = yield* withBooks(named, (account) =>
        Effect.map(
          Effect.flatMap(Backups, ({ list }) => list),
          (backups) => ({ account, backups })
        )
      )
      if (json) {
        return yield* printDocument({
          schema: "keysweep.backups/1",
          account,
          backups: Schema.encodeSync(Schema.Array(BackupManifest))(backups)
        })
      }
      const { out } = yield* Output
      yield* print(backupsText(backups, account, out.style, yield* out.width))
    })
  )
)
