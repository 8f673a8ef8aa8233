import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { settingsPath } from "./Home.ts"
import { parseSettings, Settings, SettingsRefused } from "./Settings.ts"

/**
 * The settings of the given file, else of the one that `KEYSWEEP_CONFIG` names, else of `keysweep.yaml` in the home
 * folder, else none. Never of a file of the working directory: a checkout could name a command or a recipient.
 */
export const readSettings = (home: string, given?: string): Effect.Effect<typeof Settings.Service, SettingsRefused> =>
  Effect.gen(function* () {
    const { named, path } = yield* settingsPath(home, given)
    const text = yield* Effect.tryPromise({ try: () => readFile(path, "utf8"), catch: codeOf }).pipe(
      Effect.catchAll((code) =>
        code === "ENOENT" && !named
          ? Effect.succeed(null)
          : new SettingsRefused({ file: path, problems: [`it cannot be read (${code})`] })
      )
    )
    return text === null ? Settings.none : yield* parsed(path, text)
  })

/** A server reads them for whatever it is asked, and they hardly ever change. */
const parsed = (path: string, text: string): ReturnType<typeof parseSettings> => {
  if (last?.path !== path || last.text !== text) last = { path, text, settings: parseSettings(path, text) }
  return last.settings
}

let last: { readonly path: string; readonly text: string; readonly settings: ReturnType<typeof parseSettings> } | null =
  null

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : "no reason given"
