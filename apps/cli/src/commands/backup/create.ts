import { Command } from "@effect/cli"
import { BackupManifest } from "@keysweep/audit/BackupManifest"
import { Effect, Schema } from "effect"
import { isSeveral } from "../../Several.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { backupsText } from "../../render/BackupText.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json, reaches } from "../options.ts"

export const backupCreate = verb(
  { about: "Back up the settings of every key now, apart from any run.", examples: ["keysweep backup create"] },
  Command.make("create", { json, ...reaches }, (typed) =>
    Effect.gen(function* () {
      if (isSeveral(typed)) {
        const { onEach } = yield* Effect.promise(() => import("../../Fleet.ts"))
        return yield* onEach(typed, typed.json ? "json" : "table", (reach, style, width) =>
          Effect.map(
            withSweep(reach, (sweep) => sweep.backup),
            (manifest) => ({
              outcome: "done",
              document: Schema.encodeSync(BackupManifest)(manifest),
              text: backupsText([manifest], manifest.account, style, width)
            })
          )
        )
      }
      const manifest = yield* withSweep(typed, (sweep) => sweep.backup)
      if (typed.json) return yield* printDocument(Schema.encodeSync(BackupManifest)(manifest))
      const { out } = yield* Output
      yield* print(backupsText([manifest], manifest.account, out.style, yield* out.width))
    })
  )
)
