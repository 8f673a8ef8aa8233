import type { AccountOptions } from "@keysweep/core/Account"
import { homeFolder } from "@keysweep/revocation/Home"
import type { Settings, SettingsRefused } from "@keysweep/revocation/Settings"
import { readSettings } from "@keysweep/revocation/SettingsFile"
import { Config, Effect, Option, Redacted, Schema } from "effect"

/** The bot cannot start, or cannot read what it needs. The text is safe to show and says what to mend. */
export class SetupRefused extends Schema.TaggedError<SetupRefused>()("SetupRefused", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

/** An empty variable is one that is not set. */
const variable = (name: string): Config.Config<Option.Option<string>> =>
  Config.option(Config.string(name)).pipe(Config.map(Option.filter((text) => text !== "")))

const secret = (name: string): Config.Config<Option.Option<Redacted.Redacted>> =>
  Config.option(Config.redacted(name)).pipe(Config.map(Option.filter((text) => Redacted.value(text) !== "")))

/** Everything that the bot reads from its environment. */
const environment = Config.all({
  apiKey: secret("ELECTRONHUB_API_KEY"),
  baseUrl: variable("ELECTRONHUB_BASE_URL"),
  timeScale: variable("KEYSWEEP_TIME_SCALE"),
  botToken: secret("SLACK_BOT_TOKEN"),
  signingSecret: secret("SLACK_SIGNING_SECRET"),
  appToken: secret("SLACK_APP_TOKEN"),
  slackApiUrl: variable("SLACK_API_URL"),
  databaseUrl: secret("DATABASE_URL"),
  host: variable("HOST"),
  port: Config.option(
    Config.integer("PORT").pipe(
      Config.validate({ message: "0 to 65535", validation: (port) => port >= 0 && port <= 65_535 })
    )
  )
})

const read = Effect.mapError(environment, () => new SetupRefused({ detail: "PORT must be a number from 0 to 65535." }))

export interface SlackOptions {
  readonly botToken: Redacted.Redacted
  /** How Slack reaches the bot: by requests that it signs, or through a socket that the bot opens with an app token. */
  readonly edge: { readonly signingSecret: Redacted.Redacted } | { readonly appToken: Redacted.Redacted }
  /** Slack itself, or a stand-in; ends in `/`. */
  readonly apiUrl: string
  /** 0: any free one. */
  readonly port: number
  /** Every address of the machine where it is left out. */
  readonly host?: string | undefined
}

export const slack: Effect.Effect<SlackOptions, SetupRefused> = Effect.gen(function* () {
  const { appToken, botToken, host, port, signingSecret, slackApiUrl } = yield* read
  return {
    botToken: yield* needed("SLACK_BOT_TOKEN", botToken),
    edge: Option.isSome(appToken)
      ? { appToken: appToken.value }
      : { signingSecret: yield* needed("SLACK_SIGNING_SECRET", signingSecret) },
    apiUrl: Option.getOrElse(slackApiUrl, () => "https://slack.com/api/"),
    port: Option.getOrElse(port, () => 3000),
    host: Option.getOrUndefined(host)
  }
})

/** What the environment says of the account. It is checked, without a request, where it is used. */
export const account: Effect.Effect<AccountOptions, SetupRefused> = Effect.gen(function* () {
  const { apiKey, baseUrl, timeScale } = yield* read
  return {
    masterKey: yield* needed("ELECTRONHUB_API_KEY", apiKey),
    baseUrl: Option.getOrUndefined(baseUrl),
    timeScale: Option.getOrUndefined(Option.map(timeScale, Number))
  }
})

/** The database that this bot was given; nothing: it looks for one itself. */
export const databaseUrl: Effect.Effect<Redacted.Redacted | null, SetupRefused> = Effect.map(read, ({ databaseUrl }) =>
  Option.getOrNull(databaseUrl)
)

/** The folder of whatever is kept on this machine. */
export const home: Effect.Effect<string> = homeFolder()

/**
 * The settings as they are now, read for every request, so that somebody who was taken out of them can do nothing from
 * that moment on.
 */
export const settings: Effect.Effect<typeof Settings.Service, SettingsRefused> = Effect.flatMap(home, (folder) =>
  readSettings(folder)
)

const needed = <A>(name: string, value: Option.Option<A>): Effect.Effect<A, SetupRefused> =>
  Effect.mapError(value, () => new SetupRefused({ detail: `${name} is not set.` }))
