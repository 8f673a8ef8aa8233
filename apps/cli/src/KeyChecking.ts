import { NodeHttpClient } from "@effect/platform-node"
import * as FilePacerStore from "@keysweep/audit/store/FilePacerStore"
import { Account, makeAccount } from "@keysweep/core/Account"
import { KeyCheck, type Verdict } from "@keysweep/core/KeyCheck"
import { Pacer } from "@keysweep/core/Pacer"
import type { ProxyKeySecret } from "@keysweep/core/ProxyKey"
import { Transport } from "@keysweep/core/Transport"
import { Effect, Layer, Option, Redacted } from "effect"
import { given, home } from "./Environment.ts"
import type { Failure } from "./Report.ts"
import { version } from "./Version.ts"

const requestTimeout = 30_000

/**
 * One call with the key itself. The master key is not needed: where there is one, only the account's pacing goes by it.
 * That the upstream does not take the key is a verdict too.
 */
export const checkKey = (secret: ProxyKeySecret, model: string | undefined): Effect.Effect<Verdict, Failure> =>
  Effect.gen(function* () {
    const { apiKey, baseUrl, timeScale } = yield* given
    const folder = yield* home
    const account = makeAccount({
      masterKey: Option.getOrElse(apiKey, () => noMasterKey),
      baseUrl: Option.getOrUndefined(baseUrl),
      timeScale: Option.getOrUndefined(Option.map(timeScale, Number))
    })
    const layer = KeyCheck.layer.pipe(
      Layer.provide(Transport.layer({ userAgent: `keysweep/${version} (cli)`, requestTimeout })),
      Layer.provide(Pacer.layer({ requestTimeout })),
      Layer.provide(Layer.merge(Layer.effect(Account, account), FilePacerStore.layer(folder))),
      Layer.provide(NodeHttpClient.layer)
    )
    return yield* Effect.flatMap(KeyCheck, (it) => it.validate(secret, model)).pipe(
      Effect.catchTags({
        Unauthorized: () =>
          Effect.succeed({ valid: false, message: "the upstream does not know the key, or does not take it" }),
        Forbidden: () => Effect.succeed({ valid: false, message: "the upstream does not allow the key this" })
      }),
      Effect.provide(layer)
    )
  })

/** Stands where a master key would; it is never sent. */
const noMasterKey = Redacted.make("ek-none")
