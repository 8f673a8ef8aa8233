import { Effect } from "effect"
import { inventorySummary } from "../Summary.ts"
import type { Command } from "../Step.ts"

/** Reads, and says what there is. A partial reading is no success: nobody knows what is missing. */
export const audit: Command = ({ names, sweep }) =>
  Effect.map(sweep.inventory, (inventory) => ({
    outcome: inventory.partial ? "partial" : "done",
    counts: {
      keys: inventory.totals.keys,
      active: inventory.totals.active,
      unreadable: inventory.unreadable.length,
      ...Object.fromEntries(counted(inventory.keys.flatMap((key) => key.findings)))
    },
    line: `${inventory.totals.keys} keys, ${inventory.totals.active} active`,
    summary: inventorySummary(inventory, names)
  }))

const counted = (words: ReadonlyArray<string>): ReadonlyMap<string, number> =>
  words.reduce((counts, word) => counts.set(word, (counts.get(word) ?? 0) + 1), new Map<string, number>())
