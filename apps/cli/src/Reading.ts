import { NodeHttpClient } from "@effect/platform-node"
import * as FileAccountMemory from "@keysweep/audit/store/FileAccountMemory"
import * as FilePacerStore from "@keysweep/audit/store/FilePacerStore"
import { Account, makeAccount } from "@keysweep/core/Account"
import { KeyReader } from "@keysweep/core/KeyReader"
import { Pacer } from "@keysweep/core/Pacer"
import { Transport } from "@keysweep/core/Transport"
import { type Inventory, inventoryOf, read } from "@keysweep/revocation/Inventory"
import { Effect, Layer } from "effect"
import { account, home } from "./Environment.ts"
import type { Failure } from "./Report.ts"
import { version } from "./Version.ts"

const requestTimeout = 30_000

/**
 * One reading of the account of the environment. It stands on what reads and on nothing that writes: no log, no backup,
 * no settings. That also makes it start in half the time.
 */
export const inventory: Effect.Effect<Inventory, Failure> = Effect.gen(function* () {
  const given = yield* account
  const folder = yield* home
  const reader = KeyReader.layer.pipe(
    Layer.provide(Transport.layer({ userAgent: `keysweep/${version} (cli)`, requestTimeout })),
    Layer.provide(Pacer.layer({ requestTimeout })),
    Layer.provide(Layer.merge(FilePacerStore.layer(folder), FileAccountMemory.layer(folder))),
    Layer.provide(Layer.effect(Account, makeAccount(given))),
    Layer.provide(NodeHttpClient.layer)
  )
  return inventoryOf(yield* Effect.provide(read, reader))
})
