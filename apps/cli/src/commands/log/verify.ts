import { Command, Options } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { Effect, Option } from "effect"
import { Ended } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { verificationText } from "../../render/LogText.ts"
import { withBooks } from "../../Books.ts"
import { verb } from "../../Verb.ts"
import { account, json } from "../options.ts"

const anchor = Options.text("anchor").pipe(
  Options.withPseudoName("SEQ:HASH"),
  Options.withDescription("An anchor from a receipt: finds a log that was put back to an older state."),
  Options.optional
)

export const logVerify = verb(
  {
    about: "Check the log from its first record to its signed last. Changes nothing.",
    examples: ["keysweep log verify", "keysweep log verify --anchor 42:9f8e…"]
  },
  Command.make("verify", { account, anchor, json }, ({ account: named, anchor, json }) =>
    Effect.gen(function* () {
      const { account, verification } = yield* withBooks(named, (account) =>
        Effect.map(
          Effect.flatMap(Log, (log) => log.verify(Option.getOrUndefined(anchor))),
          (verification) => ({ account, verification })
        )
      )
      const { out } = yield* Output
      if (json) yield* printDocument({ schema: "keysweep.log-verification/1", account, ...verification })
      else yield* print(verificationText(verification, account, out.style))
      if (!verification.ok) return yield* new Ended({ outcome: "records" })
    })
  )
)
