import type { AccountOptions, AccountRefused } from "@keysweep/core/Account"
import type { SettingsRefused } from "@keysweep/revocation/Settings"
import { Context, Effect, Layer, Option } from "effect"
import { UsageError } from "./CliError.ts"
import { given } from "./Environment.ts"

/** What reaches the upstream is told: which account of the settings, and whether to be silent about progress. */
export interface Reach {
  /** The label of an account of the settings; without it the one of the environment. */
  readonly account: Option.Option<string>
  readonly quiet: boolean
  /** Requests per window that are left to others; one unless it says otherwise. */
  readonly reserve?: number
}

/**
 * The account that a command is about: the one of a label, else the one of the environment, else the only one that the
 * settings name. Found once, though several parts of a command ask: a command that prints the master key may ask a person.
 * It is checked, without a request, where it is used.
 */
export class GivenAccount extends Context.Tag("keysweep/GivenAccount")<
  GivenAccount,
  (label: Option.Option<string>) => Effect.Effect<AccountOptions, AccountRefused | SettingsRefused | UsageError>
>() {
  static readonly layer = Layer.effect(
    GivenAccount,
    Effect.suspend(() => Effect.cachedFunction(find))
  )
}

export const account = (label: Option.Option<string>) => Effect.flatMap(GivenAccount, (find) => find(label))

const find = (
  label: Option.Option<string>
): Effect.Effect<AccountOptions, AccountRefused | SettingsRefused | UsageError> =>
  Effect.gen(function* () {
    const { apiKey, baseUrl, timeScale } = yield* given
    const around = {
      baseUrl: Option.getOrUndefined(baseUrl),
      timeScale: Option.getOrUndefined(Option.map(timeScale, Number))
    }
    if (Option.isNone(label) && Option.isSome(apiKey)) return { ...around, masterKey: apiKey.value }
    // Loaded only here: `list` on the environment's account does without settings.
    const { accountNamed } = yield* Effect.promise(() => import("@keysweep/revocation/Accounts"))
    const { settings } = yield* Effect.promise(() => import("./SettingsFile.ts"))
    const known = yield* settings
    if (Option.isNone(label) && known.accounts.length === 0) return yield* noKey
    const named = yield* accountNamed(known, Option.getOrNull(label))
    return { ...around, ...named, baseUrl: named.baseUrl ?? around.baseUrl }
  })

const noKey = new UsageError({
  detail: "No API key: ELECTRONHUB_API_KEY is not set, and the settings name no account.",
  next: [
    "read -rs ELECTRONHUB_API_KEY && export ELECTRONHUB_API_KEY",
    "keysweep list   (it only reads)",
    "keysweep demo   (needs no key: it runs on an emulator)"
  ]
})
