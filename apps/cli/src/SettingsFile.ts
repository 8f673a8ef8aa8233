import { parseSettings, Settings, type SettingsRefused } from "@keysweep/revocation/Settings"
import { Effect, Option } from "effect"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { UsageError } from "./CliError.ts"
import { given, home } from "./Environment.ts"
import { errorCode } from "./ErrorCode.ts"

/**
 * The settings: the file that `KEYSWEEP_CONFIG` names, else `keysweep.yaml` in the home folder, else none. Never a file of
 * the working directory: a checkout could name a recipient.
 */
export const settings: Effect.Effect<typeof Settings.Service, UsageError | SettingsRefused> = Effect.gen(function* () {
  const { config } = yield* given
  const file = Option.isSome(config) ? resolve(config.value) : join(yield* home, "keysweep.yaml")
  const text = yield* Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: errorCode }).pipe(
    Effect.asSome,
    Effect.catchIf(
      (code) => code === "ENOENT" && Option.isNone(config),
      () => Effect.succeedNone
    ),
    Effect.mapError(
      (code) =>
        new UsageError({
          detail: `The settings ${file} cannot be read (${code}).`,
          next: ["Mend the file, or unset KEYSWEEP_CONFIG."]
        })
    )
  )
  return Option.isNone(text) ? Settings.none : yield* parseSettings(file, text.value)
})
