import * as PgDatabase from "@keysweep/audit/store/PgDatabase"
import { withoutSecrets } from "@keysweep/core/SafeText"
import { Settings } from "@keysweep/revocation/Settings"
import * as PgStores from "@keysweep/revocation/PgStores"
import * as Stores from "@keysweep/revocation/Stores"
import * as SweepBase from "@keysweep/revocation/SweepBase"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Logger } from "effect"
import { Bot } from "./Bot.ts"
import * as BotTables from "./BotTables.ts"
import { Chores } from "./Chores.ts"
import { embeddedPostgres } from "./EmbeddedPostgres.ts"
import { Errands } from "./Errands.ts"
import { account, databaseUrl, home, settings, slack } from "./Environment.ts"
import * as Looks from "./Looks.ts"
import { Members } from "./Members.ts"
import { counted } from "./Metrics.ts"
import { RequestGuard } from "./RequestGuard.ts"
import { Requests } from "./Requests.ts"
import { serve } from "./SlackApp.ts"
import { SoakNotes } from "./SoakNotes.ts"
import { layerApi } from "./SlackWeb.ts"
import { Sweeps } from "./Sweeps.ts"
import { telemetryLayer } from "./Telemetry.ts"
import { version } from "./Version.ts"

/** The whole bot, out of its environment. It listens as long as its scope lives; gives the port. */
export const bot = Effect.gen(function* () {
  const options = yield* slack
  const context = yield* Layer.build(botLayer(yield* parts, options))
  return yield* serve(options, Effect.provide(ready, context)).pipe(
    Effect.updateService(Bot, counted),
    Effect.provide(context)
  )
})

/** Whether it could do something now: the settings can be read, and the database answers. */
const ready = Effect.flatMap(Chores, (chores) => Effect.all([settings, chores.note("soaks")])).pipe(
  Effect.timeout("2 seconds"),
  Effect.isSuccess
)

/** Everything that is read once, at the start. */
const parts = Effect.all({ account, home })

const botLayer = (options: Effect.Effect.Success<typeof parts>, slackOptions: Effect.Effect.Success<typeof slack>) => {
  const sweepOptions = { ...options, userAgent: `keysweep/${version} (slack)` }
  const shared = SweepBase.layer(sweepOptions).pipe(
    Layer.provideMerge(PgStores.layer(options.home)),
    Layer.provideMerge(databaseLayer(options.home)),
    Layer.provideMerge(Layer.effect(Settings, settings)),
    Layer.provideMerge(NodeHttpClient.layer)
  )
  return Bot.layer.pipe(
    Layer.provideMerge(RequestGuard.layer),
    Layer.provide(Looks.layer),
    Layer.provideMerge(Chores.layer),
    Layer.provide([Errands.layer, SoakNotes.layer, Requests.layer, Sweeps.layer(settings, sweepOptions)]),
    Layer.provide(Members.layer),
    Layer.provide(layerApi(slackOptions)),
    Layer.provide(BotTables.layer),
    Layer.provide(shared)
  )
}

/** The database that the bot was given, the one that its account's other users share, or one of its own. */
const databaseLayer = (home: string) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const given = (yield* databaseUrl) ?? (yield* Stores.databaseUrl)
      return PgDatabase.layer(given ?? (yield* embeddedPostgres(home)))
    })
  )

/** Serves until the process is told to stop. What is said goes to standard error, one line an event. */
export const main = (): void =>
  bot.pipe(
    Effect.tap((port) => Effect.logInfo(`Listening on port ${port}`)),
    Effect.zipRight(Effect.never),
    Effect.scoped,
    Effect.provide(telemetryLayer),
    Effect.catchAll((error) =>
      Effect.zipRight(
        Effect.logError(error.message),
        Effect.sync(() => (process.exitCode = 2))
      )
    ),
    Effect.provide(
      Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.map(Logger.logfmtLogger, withoutSecrets)))
    ),
    NodeRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true })
  )
