import { Args, Command } from "@effect/cli"
import type { Settings } from "@keysweep/revocation/Settings"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import { Effect, Option } from "effect"
import { home, settingsFile } from "../../Environment.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { counted, listed } from "../../render/Words.ts"
import { verb } from "../../Verb.ts"
import { json } from "../options.ts"

const file = Args.text({ name: "FILE" }).pipe(
  Args.withDescription("a settings file; the one that commands go by without it"),
  Args.optional
)

export const configCheck = verb(
  {
    about: "Check a settings file: every mistake with its place. Reads the file and nothing else.",
    details: [
      "Commands go by the file that KEYSWEEP_CONFIG names, or by keysweep.yaml in KEYSWEEP_HOME; never by one of the working directory."
    ],
    examples: ["keysweep config check", "keysweep config check new.yaml"]
  },
  Command.make("check", { file, json }, (typed) =>
    Effect.gen(function* () {
      const folder = yield* home
      const settings = yield* readSettings(folder, Option.getOrUndefined(typed.file))
      const { out } = yield* Output
      if (typed.json) {
        const { digest = null, file = null } = settings.source ?? {}
        return yield* printDocument({ schema: "keysweep.config-check/1", file, digest })
      }
      yield* print(
        settings.source === null
          ? `There are no settings: ${(yield* settingsFile).path} is not there. None are needed; no cap and no protection holds then.`
          : `${out.style.green("✓")} ${settings.source.file}: ${rules(settings)}.`
      )
    })
  )
)

/** What is in it, for somebody who wonders whether it was read. */
const rules = (settings: typeof Settings.Service): string => {
  const counts: ReadonlyArray<readonly [number, string]> = [
    [settings.accounts.length, "account"],
    [settings.people.length, "person"],
    [settings.owners.length, "owner"],
    [settings.protected.length, "protection"],
    [settings.automatic.length, "automatic class"],
    [settings.soak.length, "soak"],
    [settings.notices.length, "notice"],
    [settings.backup.recipients.length, "backup recipient"]
  ]
  const words = counts.flatMap(([count, word]) => (count === 0 ? [] : [counted(count, word, plurals[word])]))
  return words.length === 0 ? "no rule" : listed(words)
}

const plurals: { readonly [word: string]: string } = { person: "people", "automatic class": "automatic classes" }
