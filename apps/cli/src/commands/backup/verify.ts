import { Args, Command } from "@effect/cli"
import { Backups } from "@keysweep/audit/Backup"
import { Effect, Option } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { backupVerifiedText } from "../../render/BackupText.ts"
import { withBooks } from "../../Books.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

const id = Args.text({ name: "BACKUP" }).pipe(
  Args.withDescription("a backup's id; every one without it"),
  Args.optional
)

export const backupVerify = verb(
  {
    about: "Check backups: whole, for the right recipients, and they open. Shows nothing of their content.",
    examples: ["keysweep backup verify", "keysweep backup verify bk_…"]
  },
  Command.make("verify", { id, account, json }, ({ account, id, json }) =>
    Effect.gen(function* () {
      const verified = yield* withBooks(account, () =>
        Effect.gen(function* () {
          const backups = yield* Backups
          const ids = Option.isSome(id) ? [id.value] : (yield* backups.list).map((backup) => backup.id)
          return yield* Effect.forEach(ids, backups.verify)
        })
      )
      if (json) return yield* printDocument({ schema: "keysweep.backup-verification/1", backups: verified })
      const { out } = yield* Output
      yield* print(
        verified.length === 0
          ? "No backup yet: the first run makes one."
          : verified.map((it) => backupVerifiedText(it, out.style)).join("\n")
      )
    })
  )
)
