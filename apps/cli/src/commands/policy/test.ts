import { Args, Command, Options } from "@effect/cli"
import { Inventory } from "@keysweep/revocation/Inventory"
import { encodePolicyReport, policyTest } from "@keysweep/revocation/PolicyTest"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import { Effect, Option, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { UsageError } from "../../CliError.ts"
import { home, settingsFile } from "../../Environment.ts"
import { errorCode } from "../../ErrorCode.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { policyText } from "../../render/PolicyText.ts"
import { verb } from "../../Verb.ts"
import { json } from "../options.ts"

const fixture = Args.text({ name: "FIXTURE" }).pipe(
  Args.withDescription("an inventory as keysweep list --json writes it; edit it to ask what would be")
)
const config = Options.text("config").pipe(
  Options.withPseudoName("FILE"),
  Options.withDescription("These settings; those that commands go by without it."),
  Options.optional
)

export const policyTestVerb = verb(
  {
    about: "Show what the settings say of each key of a saved inventory. Sends nothing.",
    details: ["Protected keys, owners, and what may happen without anybody, at the time of that inventory."],
    examples: ["keysweep list --json > keys.json", "keysweep policy test keys.json --config new.yaml"]
  },
  Command.make("test", { fixture, config, json }, (typed) =>
    Effect.gen(function* () {
      const folder = yield* home
      const settings = yield* readSettings(folder, Option.getOrUndefined(typed.config))
      if (settings.source === null) {
        return yield* new UsageError({
          detail: `There are no settings to test: ${(yield* settingsFile).path} is not there.`,
          next: ["keysweep policy test FIXTURE --config FILE"]
        })
      }
      const report = policyTest(settings, yield* inventoryIn(typed.fixture))
      const { out } = yield* Output
      if (typed.json) yield* printDocument(encodePolicyReport(report))
      else yield* print(policyText(report, out.style, yield* out.width))
    })
  )
)

const inventoryIn = (file: string): Effect.Effect<Inventory, UsageError> =>
  Effect.gen(function* () {
    const next = ["keysweep list --json > keys.json"]
    const text = yield* Effect.tryPromise({
      try: () => readFile(file, "utf8"),
      catch: (cause) => new UsageError({ detail: `${file} cannot be read (${errorCode(cause)}).`, next })
    })
    return yield* Effect.mapError(
      Schema.decodeUnknown(Schema.parseJson(Inventory))(text),
      () => new UsageError({ detail: `${file} is no inventory (keysweep.inventory/1).`, next })
    )
  })
