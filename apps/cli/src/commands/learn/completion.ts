import { Args, Command } from "@effect/cli"
import { Effect } from "effect"
import { UsageError } from "../../CliError.ts"
import { scripts } from "../../completion/Scripts.ts"
import { Output } from "../../Output.ts"
import { verb } from "../../Verb.ts"

const shells = Object.keys(scripts).join("|")
const shell = Args.text({ name: shells }).pipe(Args.withDescription("the shell to complete in"))

export const completion = verb(
  {
    about: "Print what makes a shell complete commands, options and the names of keys.",
    details: ["Names come from the last inventory that was read; nothing is sent while you type."],
    examples: [
      `eval "$(keysweep completion bash)"`,
      `eval "$(keysweep completion zsh)"`,
      "keysweep completion fish | source"
    ]
  },
  Command.make("completion", { shell }, ({ shell }) =>
    Effect.gen(function* () {
      const { out } = yield* Output
      if (shell !== "bash" && shell !== "zsh" && shell !== "fish") {
        return yield* new UsageError({
          detail: `There is completion for ${Object.keys(scripts).join(", ")}.`,
          next: ["keysweep completion --help"]
        })
      }
      yield* out.verbatim(scripts[shell])
    })
  )
)
