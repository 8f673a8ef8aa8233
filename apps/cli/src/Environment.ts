import { Operator } from "@keysweep/audit/Actor"
import { hasOwnDatabase, homeFolder, osActor, settingsPath } from "@keysweep/revocation/Home"
import { Config, Effect, Layer, Option, Redacted } from "effect"
import { existsSync } from "node:fs"
import { UsageError } from "./CliError.ts"

/** An empty variable is one that is not set. */
const variable = (name: string): Config.Config<Option.Option<string>> =>
  Config.option(Config.string(name)).pipe(Config.map(Option.filter((text) => text !== "")))

/** What the command line reads from its environment beside what every surface does. */
export const environment = Config.all({
  apiKey: Config.option(Config.redacted("ELECTRONHUB_API_KEY")).pipe(
    Config.map(Option.filter((key) => Redacted.value(key) !== ""))
  ),
  baseUrl: variable("ELECTRONHUB_BASE_URL"),
  timeScale: variable("KEYSWEEP_TIME_SCALE"),
  databaseUrl: variable("KEYSWEEP_DATABASE_URL")
})
export type Environment = Config.Config.Success<typeof environment>

/** One reading of it. */
export const given: Effect.Effect<Environment, UsageError> = environment.pipe(
  Effect.mapError(() => new UsageError({ detail: "The environment cannot be read.", next: ["keysweep --help"] }))
)

/** The folder of log, backups and plans. */
export const home: Effect.Effect<string> = homeFolder()

/** Who the operating system says is typing. Nobody has checked it. */
export const operatorLayer = Layer.effect(
  Operator,
  Effect.map(osActor, (actor) => ({ actor, surface: "cli" as const }))
)

/** The settings file to look for, and whether somebody named it. */
export const settingsFile = Effect.flatMap(home, (folder) => settingsPath(folder))

/** No settings and no database: all state is in files of the home folder, which is quick to load. */
export const isPlain: Effect.Effect<boolean, UsageError> = Effect.gen(function* () {
  const folder = yield* home
  const { databaseUrl } = yield* given
  const { named, path } = yield* settingsFile
  return yield* Effect.sync(() => Option.isNone(databaseUrl) && !named && !existsSync(path) && !hasOwnDatabase(folder))
})
