import { Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { Effect } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { logDocument, logText } from "../../render/LogText.ts"
import { withBooks } from "../../Books.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

export const logShow = verb(
  {
    about: "Show what was done on this account, oldest first.",
    examples: ["keysweep log show", "keysweep log show --json"]
  },
  Command.make("show", { account, json }, ({ account: named, json }) =>
    Effect.gen(function* () {
      const { account, records } = yield* withBooks(named, (account) =>
        Effect.map(
          Effect.flatMap(Log, (log) => log.records),
          (records) => ({ account, records })
        )
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
