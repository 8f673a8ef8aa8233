import { FetchHttpClient } from "@effect/platform"
import { Account, type AccountOptions, makeAccount } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { AccountReader } from "@keysweep/core/AccountReader"
import { BulkDelete } from "@keysweep/core/BulkDelete"
import { Journal } from "@keysweep/core/Journal"
import { KeyCheck } from "@keysweep/core/KeyCheck"
import { KeyMaker } from "@keysweep/core/KeyMaker"
import { KeyReader } from "@keysweep/core/KeyReader"
import { KeyWriter } from "@keysweep/core/KeyWriter"
import { MasterKey } from "@keysweep/core/MasterKey"
import { Pacer } from "@keysweep/core/Pacer"
import { PacerStore } from "@keysweep/core/PacerStore"
import { Transport } from "@keysweep/core/Transport"
import { Effect, Layer } from "effect"
import type { StateInput } from "@keysweep/emulator/AccountState"
import type { Running } from "../support.ts"

/** The client as programs put it together, over a real socket, but for its journal: that is the business of others. */
export const client = (
  emulator: Running,
  options: Partial<AccountOptions> & {
    readonly store?: typeof PacerStore.Service
    readonly requestTimeout?: number
  } = {}
) => {
  const { store, requestTimeout = 5000, ...rest } = options
  const account = Layer.effect(Account, makeAccount({ masterKey: emulator.apiKey, baseUrl: emulator.url, ...rest }))
  const pacing = Pacer.layer({ requestTimeout }).pipe(
    Layer.provide(store === undefined ? PacerStore.layerMemory : Layer.succeed(PacerStore, store))
  )
  const transport = Transport.layer({ userAgent: "keysweep-test", requestTimeout }).pipe(Layer.provideMerge(pacing))
  const journal = Layer.succeed(Journal, { attempt: (_, call) => Effect.uninterruptible(call) })
  const writers = [KeyWriter.layer, KeyMaker.layer, BulkDelete.layer, MasterKey.layer] as const
  return Layer.mergeAll(...writers, KeyCheck.layer, AccountReader.layer).pipe(
    Layer.provideMerge(KeyReader.layer),
    Layer.provideMerge(transport),
    Layer.provide(journal),
    Layer.provideMerge(AccountMemory.layerMemory),
    Layer.provideMerge(account),
    Layer.provide(FetchHttpClient.layer)
  )
}

/** Reads, finds the dialect, deletes every key one by one, and reads again. */
export const sweep = (concurrency = 1) =>
  Effect.gen(function* () {
    const reader = yield* KeyReader
    const writer = yield* KeyWriter
    const listing = yield* reader.list
    const { dialect } = yield* reader.identify(listing)
    if (dialect === null) return []
    yield* Effect.forEach(
      listing.secrets,
      ([id, secret]) =>
        Effect.flatMap(writer.remove(dialect, { id, secret }), (it) =>
          it === "removed" ? Effect.void : Effect.dieMessage(it)
        ),
      { concurrency, discard: true }
    )
    return (yield* reader.list).keys
  })

/** So many keys, and a plan that allows them. */
export const keys = (count: number): StateInput => ({
  accounts: [
    {
      apiKey: "ek-master-of-the-client-test",
      plan: "enterprise",
      balance: 1000,
      keys: Array.from({ length: count }, (_, index) => ({
        name: `key ${index}`,
        key: `ek-proxy-${String(index).padStart(16, "0")}`,
        allocated_ammount: 1
      }))
    }
  ]
})
