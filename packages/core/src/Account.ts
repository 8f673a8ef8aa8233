import { Context, Either, Redacted, Schema } from "effect"
import { shortHash } from "./Canonical.ts"

/** `acct_` and 80 bits of SHA-256 over the upstream's `user_id`, or over the master key until that is known. */
export const AccountId = Schema.String.pipe(
  Schema.pattern(/^acct_[a-z2-7]{16}$/),
  Schema.brand("AccountId")
).annotations({ identifier: "AccountId" })
export type AccountId = typeof AccountId.Type

export const accountIdOf = (text: string): AccountId => AccountId.make(`acct_${shortHash(text)}`)

export const DialectSetting = Schema.Literal("auto", "static", "path")
export type DialectSetting = typeof DialectSetting.Type

/** What was wrong with the account's settings; found before any request. */
export class AccountRefused extends Schema.TaggedError<AccountRefused>()("AccountRefused", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}

/** One Electron Hub account, reached with one master key. */
export class Account extends Context.Tag("@keysweep/core/Account")<
  Account,
  {
    readonly masterKey: Redacted.Redacted
    /** Without a trailing slash; ends in `/v1` on the live service. */
    readonly baseUrl: string
    readonly dialect: DialectSetting
    /** Windows, cooldowns, soaks and lifetimes are divided by it: 1 on the live service. */
    readonly timeScale: number
    /** The id over the master key: what pacing and memory of the account go by before `user_id` is known. */
    readonly credential: AccountId
    /** Requests per window that are left for other users of the account. */
    readonly reserve: number
  }
>() {}

export const defaultBaseUrl = "https://api.electronhub.ai/v1"

export interface AccountOptions {
  readonly masterKey: Redacted.Redacted
  readonly baseUrl?: string | undefined
  readonly dialect?: DialectSetting | undefined
  readonly timeScale?: number | undefined
  readonly reserve?: number | undefined
}

/**
 * Checks what can be checked without a request: the kind of key by its prefix (`ek-proxy-` and `ek-dev-` cannot manage
 * keys), https or loopback, no time scale on a live service.
 */
export const makeAccount = (options: AccountOptions): Either.Either<Context.Tag.Service<Account>, AccountRefused> =>
  Either.gen(function* () {
    const key = Redacted.value(options.masterKey)
    yield* refuseWhen(
      key.startsWith("ek-proxy-"),
      "This is a proxy key (ek-proxy-…): only the account's master key can manage keys."
    )
    yield* refuseWhen(
      key.startsWith("ek-dev-"),
      "This is a Coding Plan key (ek-dev-…): only the account's master key can manage keys."
    )
    yield* refuseWhen(!/^ek-[\x21-\x7e]{1,253}$/.test(key), "This is not a master key: a master key starts with ek-.")
    const url = yield* checkedBaseUrl(options.baseUrl ?? defaultBaseUrl)
    const timeScale = options.timeScale ?? 1
    yield* refuseWhen(!(timeScale >= 1 && Number.isFinite(timeScale)), "The time scale must be a number of 1 or more.")
    const reserve = options.reserve ?? 1
    yield* refuseWhen(
      !(Number.isSafeInteger(reserve) && reserve >= 0),
      "The reserve must be a whole number of requests, 0 or more."
    )
    yield* refuseWhen(
      timeScale !== 1 && !isLoopback(url.hostname),
      "A time scale is accepted only with a loopback base URL."
    )
    return {
      masterKey: options.masterKey,
      baseUrl: url.href.replace(/\/+$/, ""),
      dialect: options.dialect ?? "auto",
      timeScale,
      credential: accountIdOf(key),
      reserve
    }
  })

/** An address of the API that a master key may be sent to. */
export const checkedBaseUrl = (text: string): Either.Either<URL, AccountRefused> =>
  Either.gen(function* () {
    const url = yield* Either.try({
      try: () => new URL(text),
      catch: () => new AccountRefused({ detail: "The base URL is not a URL." })
    })
    yield* refuseWhen(
      url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)),
      "The base URL must be https, or http on loopback: the master key would travel in the clear."
    )
    yield* refuseWhen(
      url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "",
      "The base URL must not have credentials, a query or a fragment."
    )
    return url
  })

const refuseWhen = (wrong: boolean, detail: string): Either.Either<void, AccountRefused> =>
  wrong ? Either.left(new AccountRefused({ detail })) : Either.void

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
