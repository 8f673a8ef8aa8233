import { NodeHttpClient } from "@effect/platform-node"
import * as FileAccountMemory from "@keysweep/audit/store/FileAccountMemory"
import * as FilePacerStore from "@keysweep/audit/store/FilePacerStore"
import { Account, makeAccount } from "@keysweep/core/Account"
import { KeyReader } from "@keysweep/core/KeyReader"
import { Pacer } from "@keysweep/core/Pacer"
import { Transport } from "@keysweep/core/Transport"
import { type Inventory, inventoryOf, read } from "@keysweep/revocation/Inventory"
import { Progress } from "@keysweep/revocation/Progress"
import { Effect, Layer, Stream } from "effect"
import { account, home } from "./Environment.ts"
import { progressLayer } from "./LiveProgress.ts"
import type { Output } from "./Output.ts"
import type { Failure } from "./Report.ts"
import { version } from "./Version.ts"

const requestTimeout = 30_000

/**
 * One reading of the account of the environment. It stands on what reads and on nothing that writes: no log, no backup,
 * no settings. That also makes it start sooner.
 */
export const inventory = (options: { readonly quiet: boolean }): Effect.Effect<Inventory, Failure, Output> =>
  Effect.gen(function* () {
    const given = yield* account
    const folder = yield* home
    const pacing = Pacer.layer({ requestTimeout }).pipe(
      Layer.provideMerge(Layer.effect(Account, makeAccount(given))),
      Layer.provideMerge(Layer.merge(FilePacerStore.layer(folder), FileAccountMemory.layer(folder)))
    )
    const reader = KeyReader.layer.pipe(
      Layer.provide(Transport.layer({ userAgent: `keysweep/${version} (cli)`, requestTimeout })),
      Layer.merge(tellingWaits),
      Layer.provide(pacing),
      Layer.provide(NodeHttpClient.layer),
      Layer.provide(options.quiet ? Progress.layerSilent : progressLayer)
    )
    return inventoryOf(yield* Effect.provide(read, reader))
  })

/** A reading may have to wait out a cooldown of minutes: nobody should wonder why nothing happens. */
const tellingWaits = Layer.scopedDiscard(
  Effect.gen(function* () {
    const pacer = yield* Pacer
    const progress = yield* Progress
    yield* pacer.waits.pipe(
      Stream.runForEach(({ began, reason, until }) =>
        reason === "first reply" ? Effect.void : progress.report({ _tag: "Waiting", reason, millis: until - began })
      ),
      Effect.forkScoped
    )
  })
)
