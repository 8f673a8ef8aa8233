import { Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { projectStream } from "@keysweep/audit/Projection"
import { Effect } from "effect"
import { withBooks } from "../../Books.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { runDocument, runsText } from "../../render/RunsText.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

export const runsList = verb(
  { about: "Show the runs of this account, oldest first, and which are unfinished.", examples: ["keysweep runs list"] },
  Command.make("list", { account, json }, (typed) =>
    Effect.gen(function* () {
      const { account, runs } = yield* withBooks(typed.account, (account) =>
        Effect.gen(function* () {
          const { runs } = yield* projectStream((yield* Log).stream)
          return { account, runs: [...runs.values()] }
        })
      )
      if (typed.json) {
        return yield* printDocument({ schema: "keysweep.runs/1", account, runs: runs.map(runDocument) })
      }
      const { out } = yield* Output
      yield* print(runs.length === 0 ? `No run on ${account} yet.` : runsText(runs, out.style, yield* out.width))
    })
  )
)
