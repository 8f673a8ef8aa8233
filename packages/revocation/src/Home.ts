import type { Actor } from "@keysweep/audit/Actor"
import { Config, Effect, Option } from "effect"
import { existsSync } from "node:fs"
import { homedir, platform, userInfo } from "node:os"
import { isAbsolute, join, resolve } from "node:path"

/**
 * The folder of log, backups and the pacer's state: the given one, else `KEYSWEEP_HOME`, else the state folder of the
 * operating system. The same for every surface, so that all keep one log and share one rate limit.
 */
export const homeFolder = (given?: string): Effect.Effect<string> =>
  given === undefined
    ? Effect.map(
        Effect.orElseSucceed(places, () => nowhere),
        ({ home, localAppData, stateHome }) =>
          Option.match(home, { onSome: (path) => resolve(path), onNone: () => stateFolder(stateHome, localAppData) })
      )
    : Effect.sync(() => resolve(given))

/** The settings file to look for: the given one, else what `KEYSWEEP_CONFIG` names, else `keysweep.yaml` in the home folder. */
export const settingsPath = (
  home: string,
  given?: string
): Effect.Effect<{ readonly path: string; readonly named: boolean }> =>
  Effect.map(
    Effect.orElseSucceed(variable("KEYSWEEP_CONFIG"), () => Option.none<string>()),
    (configured) => {
      const named = given ?? Option.getOrUndefined(configured)
      return named === undefined
        ? { path: join(home, "keysweep.yaml"), named: false }
        : { path: resolve(named), named: true }
    }
  )

/**
 * The folder of the database that a bot without `DATABASE_URL` keeps for this home. It is reached through a socket in this
 * folder only, so the folder is its lock: there is no password.
 */
export const ownDatabase = (home: string): string => join(home, "postgres")

export const ownDatabaseUrl = (home: string): string =>
  `postgres://keysweep@${encodeURIComponent(ownDatabase(home))}:5432/postgres`

export const hasOwnDatabase = (home: string): boolean => existsSync(join(ownDatabase(home), "data", "PG_VERSION"))

/** Who the operating system says is acting. Nobody has checked it, so this actor's approval never counts. */
export const osActor: Effect.Effect<Actor> = Effect.try(() => userInfo().username).pipe(
  Effect.orElseSucceed(() => "unknown"),
  Effect.map((name) => ({ name: `os:${name}`, authenticated: false }))
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
