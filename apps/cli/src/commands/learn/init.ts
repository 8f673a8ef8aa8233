import { Command, Options } from "@effect/cli"
import { createFile, makeDir } from "@keysweep/audit/store/Files"
import { parseSettings } from "@keysweep/revocation/Settings"
import { starterSettings } from "@keysweep/revocation/StarterSettings"
import { Effect, Option } from "effect"
import { dirname } from "node:path"
import { UsageError } from "../../CliError.ts"
import { settingsFile } from "../../Environment.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { shellWord } from "../../SecretGuard.ts"
import { verb } from "../../Verb.ts"
import { json } from "../options.ts"

const account = Options.text("account").pipe(
  Options.withPseudoName("LABEL"),
  Options.withDescription("What you call the account, if you have more than one."),
  Options.optional
)
const keyFrom = Options.text("key-from").pipe(
  Options.withPseudoName("VARIABLE"),
  Options.withDescription("The environment variable with that account's master key."),
  Options.withDefault("ELECTRONHUB_API_KEY")
)
const recipients = Options.text("recipient").pipe(
  Options.withPseudoName("AGE"),
  Options.withDescription("Who can open the backups: age1…. May be repeated. Without one: a key in the home folder."),
  Options.repeated
)

export const init = verb(
  {
    about: "Write strict settings to begin with, explained line by line. Sends nothing.",
    details: [
      "The file is the one that commands go by: keysweep.yaml in KEYSWEEP_HOME, or what KEYSWEEP_CONFIG names. One that is there is left as it is."
    ],
    examples: ["keysweep init", "keysweep init --account production --key-from PRODUCTION_KEY --recipient age1…"]
  },
  Command.make("init", { account, keyFrom, recipients, json }, ({ account, json, keyFrom, recipients }) =>
    Effect.gen(function* () {
      const { path } = yield* settingsFile
      const named = Option.map(account, (label) => ({ label, keyFrom }))
      const text = starterSettings({ account: Option.getOrNull(named), recipients })
      yield* Effect.mapError(parseSettings(path, text), ({ problems }) => {
        const detail = `Such settings would not hold: ${problems.join("; ")}.`
        return new UsageError({ detail, next: ["keysweep init --help"] })
      })
      yield* Effect.zipRight(makeDir(dirname(path)), createFile(path, Buffer.from(text))).pipe(
        Effect.mapError(({ code, detail }) =>
          code === "EEXIST"
            ? new UsageError({
                detail: `${path} is there already, and was left as it is.`,
                next: ["keysweep config check", "KEYSWEEP_CONFIG=new.yaml keysweep init   (a new file beside it)"]
              })
            : new UsageError({ detail: `The settings could not be written: ${detail}.`, next: ["keysweep doctor"] })
        )
      )
      if (json) return yield* printDocument({ schema: "keysweep.init/1", file: path })
      const { out } = yield* Output
      yield* print(
        [
          `${out.style.green("✓")} ${path} was written. Read it: it blocks deleting what is in use, or what nobody owns.`,
          "",
          "Next:",
          "  keysweep config check   (after each change)",
          "  keysweep doctor         (whether everything is ready)",
          "  keysweep audit          (what is risky about the keys; reads only)",
          ...(recipients.length > 0
            ? []
            : [
                `  Keep a copy of ${shellWord(`${dirname(path)}/identity.txt`)} elsewhere, once the first run has made it.`
              ])
        ].join("\n")
      )
    })
  )
)
