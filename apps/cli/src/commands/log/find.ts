import { Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { isAbout, project } from "@keysweep/audit/Projection"
import { Effect } from "effect"
import { withBooks } from "../../Books.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { retirementDocument, retirementText } from "../../render/KeyHistoryText.ts"
import { logDocument, logText } from "../../render/LogText.ts"
import { proxyKeyInput } from "../../SecretInput.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

export const logFind = verb(
  {
    about: "Show what happened to a key that you have the value of.",
    details: [
      "The value is asked for and not shown, or comes from standard input; never an argument. Nothing is sent, and a key that is long gone is found too."
    ],
    examples: ["keysweep log find", "keysweep log find < key.txt"]
  },
  Command.make("find", { account, json }, (typed) =>
    Effect.gen(function* () {
      const { id } = yield* proxyKeyInput("keysweep log find")
      const { account, all } = yield* withBooks(typed.account, (account) =>
        Effect.map(
          Effect.flatMap(Log, (log) => log.records),
          (all) => ({ account, all })
        )
      )
      const records = all.filter((record) => isAbout(record, id))
      const retired = project(all).retired.get(id) ?? null
      if (typed.json) {
        return yield* printDocument({
          ...logDocument(account, records),
          schema: "keysweep.log-find/1",
          key: id,
          retired: retirementDocument(retired)
        })
      }
      const { out } = yield* Output
      yield* print(
        records.length === 0
          ? `The log of ${account} says nothing of ${id}.`
          : `${logText(records, out.style, yield* out.width)}\n\n${retirementText(id, retired, out.style)}`
      )
    })
  )
)
