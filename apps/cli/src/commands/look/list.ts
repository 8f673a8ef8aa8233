import { Command } from "@effect/cli"
import { Inventory } from "@keysweep/revocation/Inventory"
import { Effect, Schema } from "effect"
import { Ended } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { inventoryText } from "../../render/InventoryText.ts"
import { inventory as read } from "../../Reading.ts"
import { verb } from "../../Verb.ts"
import { json, quiet } from "../options.ts"

export const list = verb(
  {
    about: "Show every key of the account: state, credit, last use, id. Reads only.",
    examples: ["keysweep list", "keysweep list --json"]
  },
  Command.make("list", { json, quiet }, ({ json, quiet }) =>
    Effect.gen(function* () {
      const inventory = yield* read({ quiet })
      const { out } = yield* Output
      if (json) yield* printDocument(Schema.encodeSync(Inventory)(inventory))
      else yield* print(inventoryText(inventory, out.style, yield* out.width))
      if (inventory.partial) return yield* new Ended({ outcome: "partial" })
    })
  )
)
