import type { AccountOptions } from "@keysweep/core/Account"
import { Config, Effect, Option, Redacted } from "effect"
import { homedir, platform, userInfo } from "node:os"
import { isAbsolute, join, resolve } from "node:path"
import { UsageError } from "./CliError.ts"

/** An empty variable is one that is not set. */
const variable = (name: string): Config.Config<Option.Option<string>> =>
  Config.option(Config.string(name)).pipe(Config.map(Option.filter((text) => text !== "")))

/** Everything that the command line reads from its environment. */
export const environment = Config.all({
  apiKey: Config.option(Config.redacted("ELECTRONHUB_API_KEY")).pipe(
    Config.map(Option.filter((key) => Redacted.value(key) !== ""))
  ),
  baseUrl: variable("ELECTRONHUB_BASE_URL"),
  home: variable("KEYSWEEP_HOME"),
  config: variable("KEYSWEEP_CONFIG"),
  timeScale: variable("KEYSWEEP_TIME_SCALE"),
  stateHome: variable("XDG_STATE_HOME"),
  localAppData: variable("LOCALAPPDATA")
})
export type Environment = Config.Config.Success<typeof environment>

/** One reading of it. */
export const given: Effect.Effect<Environment, UsageError> = environment.pipe(
  Effect.mapError(() => new UsageError({ detail: "The environment cannot be read.", next: ["keysweep --help"] }))
)

/** What the environment says of the account. It is checked, without a request, where it is used. */
export const account: Effect.Effect<AccountOptions, UsageError> = Effect.gen(function* () {
  const { apiKey, baseUrl, timeScale } = yield* given
  if (Option.isNone(apiKey)) {
    return yield* new UsageError({
      detail: "No API key: ELECTRONHUB_API_KEY is not set.",
      next: [
        "read -rs ELECTRONHUB_API_KEY && export ELECTRONHUB_API_KEY",
        "keysweep list   (it only reads)",
        "keysweep demo   (needs no key: it runs on an emulator)"
      ]
    })
  }
  return {
    masterKey: apiKey.value,
    baseUrl: Option.getOrUndefined(baseUrl),
    timeScale: Option.getOrUndefined(Option.map(timeScale, Number))
  }
})

/** The folder of log, backups and plans: `KEYSWEEP_HOME`, or the state folder of the operating system. */
export const home: Effect.Effect<string, UsageError> = given.pipe(
  Effect.map(({ home, stateHome, localAppData }) => {
    if (Option.isSome(home)) return resolve(home.value)
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
  })
)

/** Who the operating system says is typing. Nobody has checked it. */
export const operator: Effect.Effect<string> = Effect.try(() => userInfo().username).pipe(
  Effect.orElseSucceed(() => "unknown"),
  Effect.map((name) => `os:${name}`)
)

/**
 * The settings file: the one that `KEYSWEEP_CONFIG` names, else `keysweep.yaml` in the home folder. Never a file of the
 * working directory: a checkout could name a recipient.
 */
export const settingsFile: Effect.Effect<{ readonly path: string; readonly named: boolean }, UsageError> = Effect.gen(
  function* () {
    const { config } = yield* given
    return Option.isSome(config)
      ? { path: resolve(config.value), named: true }
      : { path: join(yield* home, "keysweep.yaml"), named: false }
  }
)
