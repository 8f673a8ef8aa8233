import { oneLine } from "@keysweep/core/SafeText"
import type { Inventory } from "@keysweep/revocation/Inventory"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { Effect } from "effect"
import { code, header, type Message, message, plain, rows, small } from "../Blocks.ts"
import type { Reply } from "../Reply.ts"
import { counted, credits, moment } from "../Words.ts"

/** Every key of the account. It only reads. */
export const list: Effect.Effect<Reply, SweepError, Sweep> = Effect.gen(function* () {
  const sweep = yield* Sweep
  return { _tag: "Private", message: inventoryMessage(yield* sweep.inventory) }
})

export const inventoryMessage = ({ account, at, keys, partial, totals, unreadable }: Inventory): Message => {
  const sums = `${counted(totals.keys, "key")}, ${totals.active} active`
  return message(`${sums}.`, [
    header(sums),
    small(
      `Account ${code(account)}, read ${moment(at)}. ${credits(totals.remaining)} of ${credits(totals.allocated)} credits left.`
    ),
    ...(partial
      ? [
          plain(
            `${counted(unreadable.length, "record")} could not be read: the list is partial, and nothing is deleted in bulk from it.`
          )
        ]
      : []),
    ...rows(
      keys,
      (key) =>
        `• ${oneLine(key.name, 60)}: ${key.state}, ${credits(key.remaining)} of ${credits(key.allocated)} credits left, ${key.lastUsedAt === null ? "never used" : `last used ${moment(key.lastUsedAt)}`} (${key.id})`,
      "; the command line shows them all: keysweep list"
    )
  ])
}
