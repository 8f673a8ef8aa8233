import { makeAccount } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import type { Inventory } from "@keysweep/revocation/Inventory"
import { InventoryMemory } from "@keysweep/revocation/InventoryMemory"
import { Effect, type Option } from "effect"
import { account, type GivenAccount } from "./GivenAccount.ts"
import type { Failure } from "./Report.ts"
import { storesLayer } from "./StoresLayer.ts"

/**
 * The inventory that was kept by the last reading of an account, if there is one. To be asked before the
 * next reading, which takes its place.
 */
export const lastInventory = (label: Option.Option<string>): Effect.Effect<Inventory | null, Failure, GivenAccount> =>
  Effect.gen(function* () {
    const { credential } = yield* makeAccount(yield* account(label))
    return yield* Effect.gen(function* () {
      const known = yield* Effect.flatMap(AccountMemory, (memory) => memory.get(credential))
      const inventories = yield* InventoryMemory
      return yield* inventories.last(known?.account ?? credential)
    }).pipe(Effect.provide(storesLayer))
  })
