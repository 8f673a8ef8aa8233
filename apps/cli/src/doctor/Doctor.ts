import { NodeHttpClient } from "@effect/platform-node"
import { Settings } from "@keysweep/revocation/Settings"
import * as SweepStores from "@keysweep/revocation/SweepStores"
import { Effect, Layer, type Option } from "effect"
import { withBooks } from "../Books.ts"
import { home } from "../Environment.ts"
import { account, type GivenAccount } from "../GivenAccount.ts"
import { settings } from "../SettingsFile.ts"
import { version } from "../Version.ts"
import type { Judged } from "./Check.ts"
import { machine } from "./Machine.ts"
import { records } from "./Records.ts"
import { upstream } from "./Upstream.ts"

/**
 * Everything that a run would need, looked at before one does. Sends one reading (two requests the first time), if there
 * is a master key, and changes nothing but what is remembered of the account.
 */
export const examine = (label: Option.Option<string>): Effect.Effect<ReadonlyArray<Judged>, never, GivenAccount> =>
  Effect.gen(function* () {
    const local = yield* machine(label)
    // Without credentials, or with a home folder that cannot be used, there is nothing to ask: the local checks say so.
    const online = yield* orNothing(Effect.provide(upstream, Layer.unwrapEffect(foundations(label))))
    return [...local, ...online, ...(yield* orNothing(withBooks(label, () => records)))]
  })

const orNothing = <E, R>(checks: Effect.Effect<ReadonlyArray<Judged>, E, R>) =>
  Effect.orElseSucceed(checks, (): ReadonlyArray<Judged> => [])

const foundations = (label: Option.Option<string>) =>
  Effect.gen(function* () {
    const options = yield* account(label)
    const folder = yield* home
    // A settings file that cannot be used is a finding of its own, and keeps nobody from the others.
    const rules = Layer.effect(
      Settings,
      Effect.orElseSucceed(settings, () => Settings.none)
    )
    return SweepStores.layer({ account: options, home: folder, userAgent: `keysweep/${version} (cli)` }).pipe(
      Layer.provide(rules),
      Layer.provide(NodeHttpClient.layer)
    )
  })
