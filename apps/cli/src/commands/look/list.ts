import { Command } from "@effect/cli"
import { Inventory } from "@keysweep/revocation/Inventory"
import { Effect, Schema } from "effect"
import { Ended } from "../../CliError.ts"
import { isSeveral } from "../../Several.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { inventoryCsv, inventoryMarkdown } from "../../render/InventoryTable.ts"
import { inventoryText } from "../../render/InventoryText.ts"
import { inventory as read } from "../../Reading.ts"
import { verb } from "../../Verb.ts"
import { json, reaches } from "../options.ts"
import { formatOf, tableFormat, tableFormats } from "../words.ts"

export const list = verb(
  {
    about: "Show every key of the account: state, credit, last use, id. Reads only.",
    examples: ["keysweep list", "keysweep list --json", "keysweep list --format csv > keys.csv"]
  },
  Command.make("list", { format: tableFormat, json, ...reaches }, (typed) =>
    Effect.gen(function* () {
      const form = yield* formatOf(tableFormats, typed, "table")
      if (isSeveral(typed)) {
        const { onEach } = yield* Effect.promise(() => import("../../Fleet.ts"))
        return yield* onEach(typed, form, (reach, style, width) =>
          Effect.map(read(reach), (inventory) => ({
            outcome: inventory.partial ? "partial" : "done",
            document: Schema.encodeSync(Inventory)(inventory),
            text: inventoryText(inventory, style, width)
          }))
        )
      }
      const inventory = yield* read(typed)
      const { out } = yield* Output
      switch (form) {
        case "json":
          yield* printDocument(Schema.encodeSync(Inventory)(inventory))
          break
        case "csv":
          yield* print(inventoryCsv(inventory))
          break
        case "md":
          yield* print(inventoryMarkdown(inventory))
          break
        case "table":
          yield* print(inventoryText(inventory, out.style, yield* out.width))
      }
      if (inventory.partial) return yield* new Ended({ outcome: "partial" })
    })
  )
)
