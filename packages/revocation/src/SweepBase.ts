import { Account, type AccountOptions, makeAccount } from "@keysweep/core/Account"
import { AccountReader } from "@keysweep/core/AccountReader"
import { Pacer } from "@keysweep/core/Pacer"
import { Transport } from "@keysweep/core/Transport"
import * as SealAge from "@keysweep/audit/SealAge"
import { Effect, Layer } from "effect"
import { layerReader } from "./masterkey/Refused.ts"
import { Notices } from "./Notice.ts"
import { Settings } from "./Settings.ts"
import { type NewValue, Sinks } from "./sinks/Sinks.ts"

export interface SweepOptions {
  readonly account: AccountOptions
  /** The folder of whatever is kept on this machine. Made with mode 0700 where it is missing. */
  readonly home: string
  /** `keysweep/1.2.3 (cli)`. */
  readonly userAgent: string
  /** Unix milliseconds after which nothing is waited for any more. */
  readonly deadline?: number
  /** Shows a new value on a terminal, where there is one and somebody asked for it. */
  readonly reveal?: ((it: NewValue) => Effect.Effect<void>) | undefined
}

/** A request without a reply after so many milliseconds has none. */
const requestTimeout = 30_000

/**
 * What a `Sweep` stands on beside its stores: the way to the upstream, and the seal of backups. What is particular to a
 * surface it gives itself: `HttpClient` (one that follows no redirects), `Settings`, and for `Sweep.layer` the
 * `Operator`, `Confirmation` and `Progress` of each request.
 */
export const layer = (options: SweepOptions) => Layer.provideMerge(layerAccount(options), layerCommon(options))

/** What many accounts of one home share: it is built once for all of them. */
export const layerCommon = ({ home, reveal }: Pick<SweepOptions, "home" | "reveal">) =>
  Layer.mergeAll(Notices.layer, Sinks.layer(reveal), sealLayer(home))

/** What is one account's own. */
export const layerAccount = ({ account, deadline, userAgent }: Omit<SweepOptions, "home" | "reveal">) => {
  const accounts = Layer.effect(Account, makeAccount(account))
  const pacing = Pacer.layer({ requestTimeout, ...(deadline === undefined ? {} : { deadline }) })
  return Layer.merge(layerReader, AccountReader.layer).pipe(
    Layer.provideMerge(Transport.layer({ userAgent, requestTimeout })),
    Layer.provideMerge(pacing),
    Layer.provideMerge(accounts)
  )
}

/** Backups are for the recipients that the settings name; without any, for an identity made on first use. */
const sealLayer = (home: string) =>
  Layer.unwrapEffect(
    Effect.map(Settings, ({ backup }) =>
      backup.recipients.length > 0 ? SealAge.layerRecipients(backup.recipients) : SealAge.layerHome(home)
    )
  )
