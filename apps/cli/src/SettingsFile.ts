import { parseSettings, Settings, type SettingsRefused } from "@keysweep/revocation/Settings"
import { Effect, Option } from "effect"
import { readFile } from "node:fs/promises"
import { UsageError } from "./CliError.ts"
import { settingsFile } from "./Environment.ts"
import { errorCode } from "./ErrorCode.ts"

/** The settings of the environment's file; none where no file is named and none is there. */
export const settings: Effect.Effect<typeof Settings.Service, UsageError | SettingsRefused> = Effect.gen(function* () {
  const { named, path } = yield* settingsFile
  const text = yield* Effect.tryPromise({ try: () => readFile(path, "utf8"), catch: errorCode }).pipe(
    Effect.asSome,
    Effect.catchIf(
      (code) => code === "ENOENT" && !named,
      () => Effect.succeedNone
    ),
    Effect.mapError(
      (code) =>
        new UsageError({
          detail: `The settings ${path} cannot be read (${code}).`,
          next: ["Mend the file, or unset KEYSWEEP_CONFIG."]
        })
    )
  )
  return Option.isNone(text) ? Settings.none : yield* parseSettings(path, text.value)
})
