import { Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { Effect } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { logDocument, logText } from "../../render/LogText.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json } from "../options.ts"

export const logShow = verb(
  {
    about: "Show what was done on this account, oldest first.",
    examples: ["keysweep log show", "keysweep log show --json"]
  },
  Command.make("show", { json }, ({ json }) =>
    Effect.gen(function* () {
      const { account, records } = yield* withSweep({ quiet: true }, (sweep) =>
        Effect.all({ account: sweep.account, records: sweep.books(Effect.flatMap(Log, (log) => log.records)) })
      )
      const { out } = yield* Output
      if (json) yield* printDocument(logDocument(account, records))
      else
        yield* print(
          records.length === 0 ? `Nothing was done on ${account} yet.` : logText(records, out.style, yield* out.width)
        )
    })
  )
)
