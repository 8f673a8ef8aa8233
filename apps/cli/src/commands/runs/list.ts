import { Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { projectStream } from "@keysweep/audit/Projection"
import { encodeSoaking, soakingOf } from "@keysweep/revocation/DueReport"
import { DateTime, Effect } from "effect"
import { withBooks } from "../../Books.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { soakingText } from "../../render/DueText.ts"
import { runDocument, runsText } from "../../render/RunsText.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

export const runsList = verb(
  {
    about: "Show the runs of this account, oldest first, which are unfinished, and what soaks until when.",
    examples: ["keysweep runs list"]
  },
  Command.make("list", { account, json }, (typed) =>
    Effect.gen(function* () {
      const { account, runs, soaking } = yield* withBooks(typed.account, (account) =>
        Effect.gen(function* () {
          const { runs, soaks } = yield* projectStream((yield* Log).stream)
          return { account, runs: [...runs.values()], soaking: soakingOf(soaks, yield* DateTime.now) }
        })
      )
      if (typed.json) {
        const soaks = encodeSoaking(soaking)
        return yield* printDocument({ schema: "keysweep.runs/1", account, runs: runs.map(runDocument), soaking: soaks })
      }
      const { out } = yield* Output
      const width = yield* out.width
      yield* print(runs.length === 0 ? `No run on ${account} yet.` : runsText(runs, out.style, width))
      if (soaking.keys.length > 0) yield* print(`\n${soakingText(soaking, yield* DateTime.now, out.style, width)}`)
    })
  )
)
