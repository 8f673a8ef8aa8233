import { Args, Command } from "@effect/cli"
import { Backups } from "@keysweep/audit/Backup"
import { Snapshot } from "@keysweep/audit/Snapshot"
import { Effect, Schema } from "effect"
import { withBooks } from "../../Books.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { snapshotText } from "../../render/SnapshotText.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

const id = Args.text({ name: "BACKUP" }).pipe(Args.withDescription("a backup's id"))

export const backupShow = verb(
  {
    about: "Open a backup and show the settings in it. Needs the identity; no secret of a key is in it.",
    examples: ["keysweep backup show bk_…", "keysweep backup show bk_… --json"]
  },
  Command.make("show", { id, account, json }, (typed) =>
    Effect.gen(function* () {
      const snapshot = yield* withBooks(typed.account, () => Effect.flatMap(Backups, ({ show }) => show(typed.id)))
      if (typed.json) return yield* printDocument(Schema.encodeSync(Snapshot)(snapshot))
      const { out } = yield* Output
      yield* print(snapshotText(snapshot, out.style, yield* out.width))
    })
  )
)
