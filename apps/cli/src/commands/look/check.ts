import { Command, Options } from "@effect/cli"
import { Effect, Option } from "effect"
import { Ended } from "../../CliError.ts"
import { checkKey } from "../../KeyChecking.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { proxyKeyInput } from "../../SecretInput.ts"
import { verb } from "../../Verb.ts"
import { json, quiet } from "../options.ts"

const model = Options.text("model").pipe(
  Options.withPseudoName("MODEL"),
  Options.withDescription("Whether the key may be used with this model, too."),
  Options.optional
)

export const check = verb(
  {
    about: "Ask with a key itself whether it works from here. Needs no master key, and changes nothing.",
    details: [
      "The key is asked for and not shown, or comes from standard input; never an argument. Exit code 5 where it does not work."
    ],
    examples: ["keysweep check", "keysweep check < key.txt", "keysweep check --model gpt-4o"]
  },
  Command.make("check", { model, json, quiet }, (typed) =>
    Effect.gen(function* () {
      const { id, secret } = yield* proxyKeyInput("keysweep check")
      const { message, valid } = yield* checkKey(secret, Option.getOrUndefined(typed.model))
      const { out } = yield* Output
      if (typed.json) yield* printDocument({ schema: "keysweep.check/1", id, valid, message })
      else if (valid) yield* print(`${out.style.green("✓")} ${id} works from here: ${message}`)
      else yield* print(`${out.style.red("✗")} ${id} does not work from here: ${message}`)
      if (!valid) return yield* new Ended({ outcome: "credentials" })
    })
  )
)
