import { parseSettings, Settings, type SettingsRefused } from "@keysweep/revocation/Settings"
import { Config, Effect, Option } from "effect"
import { readFile } from "node:fs/promises"
import { homedir, platform, userInfo } from "node:os"
import { isAbsolute, join, resolve } from "node:path"
import { InvalidInput } from "./Failure.ts"

/**
 * The folder of log, backups and the pacer's state: the given one, else `KEYSWEEP_HOME`, else the state folder of the
 * operating system. The same as the command line's, so that both keep one log and share one rate limit.
 */
export const homeFolder = (given: string | undefined): Effect.Effect<string> =>
  given === undefined
    ? Effect.map(
        Effect.orElseSucceed(places, () => nowhere),
        ({ home, localAppData, stateHome }) =>
          Option.match(home, { onSome: (path) => resolve(path), onNone: () => stateFolder(stateHome, localAppData) })
      )
    : Effect.sync(() => resolve(given))

/** The given file, else `keysweep.yaml` in the home folder, else no settings. Never a file of the working directory. */
export const readSettings = (
  given: string | undefined,
  home: string
): Effect.Effect<typeof Settings.Service, InvalidInput | SettingsRefused> => {
  const file = given === undefined ? join(home, "keysweep.yaml") : resolve(given)
  return Effect.gen(function* () {
    const text = yield* Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: codeOf }).pipe(
      Effect.catchAll((code) =>
        code === "ENOENT" && given === undefined
          ? Effect.succeed(null)
          : new InvalidInput({ detail: `The settings ${file} cannot be read (${code}).` })
      )
    )
    return text === null ? Settings.none : yield* parseSettings(file, text)
  })
}

/** Who the operating system says is running this. Nobody has checked it. */
export const osUser: Effect.Effect<string> = Effect.try(() => userInfo().username).pipe(
  Effect.orElseSucceed(() => "unknown"),
  Effect.map((name) => `os:${name}`)
)

const variable = (name: string) =>
  Config.option(Config.string(name)).pipe(Config.map(Option.filter((text) => text !== "")))

const places = Config.all({
  home: variable("KEYSWEEP_HOME"),
  stateHome: variable("XDG_STATE_HOME"),
  localAppData: variable("LOCALAPPDATA")
})
const nowhere: Config.Config.Success<typeof places> = {
  home: Option.none(),
  stateHome: Option.none(),
  localAppData: Option.none()
}

const stateFolder = (stateHome: Option.Option<string>, localAppData: Option.Option<string>): string => {
  switch (platform()) {
    case "darwin":
      return join(homedir(), "Library", "Application Support", "keysweep")
    case "win32":
      return join(
        Option.getOrElse(localAppData, () => join(homedir(), "AppData", "Local")),
        "keysweep"
      )
    default:
      return join(
        Option.getOrElse(Option.filter(stateHome, isAbsolute), () => join(homedir(), ".local", "state")),
        "keysweep"
      )
  }
}

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : "no reason given"
