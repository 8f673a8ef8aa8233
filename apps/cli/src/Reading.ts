import { NodeHttpClient } from "@effect/platform-node"
import * as FileAccountMemory from "@keysweep/audit/store/FileAccountMemory"
import * as FilePacerStore from "@keysweep/audit/store/FilePacerStore"
import { Account, makeAccount } from "@keysweep/core/Account"
import { KeyReader } from "@keysweep/core/KeyReader"
import { Pacer } from "@keysweep/core/Pacer"
import { Transport } from "@keysweep/core/Transport"
import { type Inventory, inventoryOf, read, type Reading } from "@keysweep/revocation/Inventory"
import { InventoryMemory } from "@keysweep/revocation/InventoryMemory"
import { Progress, tellWaits } from "@keysweep/revocation/Progress"
import { Effect, Layer, Option } from "effect"
import { home, isPlain } from "./Environment.ts"
import { account, type GivenAccount, type Reach } from "./GivenAccount.ts"
import { progressLayer } from "./LiveProgress.ts"
import type { Output } from "./Output.ts"
import type { Failure } from "./Report.ts"
import type { Services } from "./Services.ts"
import { withSweep } from "./Sweeping.ts"
import { version } from "./Version.ts"

const requestTimeout = 30_000

/**
 * One reading of the account, which is kept as the last inventory: `Sweep.inventory`.
 *
 * Where there are neither settings nor a database it is put together here, out of what reads and nothing else, because `list` is typed often
 * and all that writing needs takes as long to load as the rest of the program.
 */
export const inventory = (options: Reach): Effect.Effect<Inventory, Failure, Services> =>
  Effect.gen(function* () {
    const plain = Option.isNone(options.account) && (yield* isPlain)
    return yield* plain ? withoutSettings(options) : withSweep(options, (sweep) => sweep.inventory)
  })

/** One reading with the secrets of the keys, for what looks for them. It is not kept, and must not leave the process. */
export const reading = (options: Reach): Effect.Effect<Reading, Failure, Output | GivenAccount> =>
  Effect.gen(function* () {
    const given = yield* account(options.account)
    const pacing = Pacer.layer({ requestTimeout }).pipe(
      Layer.provideMerge(Layer.effect(Account, makeAccount(given))),
      Layer.provideMerge(Layer.unwrapEffect(stores))
    )
    const reader = KeyReader.layer.pipe(
      Layer.provide(Transport.layer({ userAgent: `keysweep/${version} (cli)`, requestTimeout })),
      Layer.merge(tellingWaits),
      Layer.provideMerge(pacing),
      Layer.provide(NodeHttpClient.layer),
      Layer.provide(options.quiet ? Progress.layerSilent : progressLayer)
    )
    const explained = Effect.catchTag(read, "Unauthorized", (error) =>
      Effect.flatMap(
        Effect.promise(() => import("./Refusal.ts")),
        ({ refusal }) => refusal(error)
      )
    )
    return yield* Effect.provide(explained, reader)
  })

/** Whatever shares the account shares these. */
const stores = Effect.gen(function* () {
  const folder = yield* home
  if (yield* isPlain) return Layer.merge(FilePacerStore.layer(folder), FileAccountMemory.layer(folder))
  return (yield* Effect.promise(() => import("./StoresLayer.ts"))).storesLayer
})

const withoutSettings = (options: Reach): Effect.Effect<Inventory, Failure, Output | GivenAccount> =>
  Effect.gen(function* () {
    const now = inventoryOf(yield* reading(options))
    const folder = yield* home
    yield* Effect.flatMap(InventoryMemory, (memory) => memory.keep(now)).pipe(
      Effect.provide(InventoryMemory.layerFiles(folder))
    )
    return now
  })

/** A reading may have to wait out a cooldown of minutes: nobody should wonder why nothing happens. */
const tellingWaits = Layer.scopedDiscard(tellWaits)
