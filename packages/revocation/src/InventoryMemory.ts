import * as Files from "@keysweep/audit/store/Files"
import type { AccountId } from "@keysweep/core/Account"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { join } from "node:path"
import { Inventory } from "./Inventory.ts"

/**
 * The last inventory of an account: what drift and spending are measured against, and where completion finds names. It
 * is a convenience: one that cannot be read is none, and one that cannot be kept stops nothing.
 */
export class InventoryMemory extends Context.Tag("@keysweep/revocation/InventoryMemory")<
  InventoryMemory,
  {
    readonly last: (account: AccountId) => Effect.Effect<Inventory | null>
    readonly keep: (inventory: Inventory) => Effect.Effect<void>
  }
>() {
  /** `home/accounts/<account>/inventory.json`, readable by its owner only. */
  static readonly layerFiles = (home: string) =>
    Layer.succeed(InventoryMemory, {
      last: (account) =>
        Files.readWhole(fileOf(home, account)).pipe(
          Effect.map(Option.flatMap((bytes) => decode(Buffer.from(bytes).toString("utf8")))),
          Effect.map(Option.getOrNull),
          Effect.orElseSucceed(() => null)
        ),
      keep: (inventory) =>
        Files.makeDir(join(home, "accounts", inventory.account)).pipe(
          Effect.zipRight(Files.swapFile(fileOf(home, inventory.account), Buffer.from(`${encode(inventory)}\n`))),
          Effect.ignore
        )
    })
}

const Stored = Schema.parseJson(Inventory)
const decode = Schema.decodeUnknownOption(Stored)
const encode = Schema.encodeSync(Stored)

const fileOf = (home: string, account: AccountId): string => join(home, "accounts", account, "inventory.json")
