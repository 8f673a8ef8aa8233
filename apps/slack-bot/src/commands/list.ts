import { csv } from "@keysweep/core/Csv"
import { oneLine } from "@keysweep/core/SafeText"
import type { Inventory } from "@keysweep/revocation/Inventory"
import { Sweep } from "@keysweep/revocation/Sweep"
import type { SweepError } from "@keysweep/revocation/SweepError"
import { DateTime, Effect } from "effect"
import { code, header, type Message, message, mostRows, plain, rows, small } from "../Blocks.ts"
import type { Reply, TextFile } from "../Reply.ts"
import { counted, credits, moment } from "../Words.ts"

/** Every key of the account. It only reads. */
export const list: Effect.Effect<Reply, SweepError, Sweep> = Effect.gen(function* () {
  const inventory = yield* (yield* Sweep).inventory
  const isLong = inventory.keys.length > mostRows
  return { _tag: "Private", message: inventoryMessage(inventory), file: isLong ? inventoryFile(inventory) : undefined }
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
      ""
    )
  ])
}

export const inventoryFile = ({ keys }: Inventory): TextFile => ({
  name: "keys.csv",
  text: csv(
    ["id", "name", "state", "allocated", "remaining", "created", "last used", "expires", "findings"],
    keys.map((key) => [
      key.id,
      key.name,
      key.state,
      credits(key.allocated),
      credits(key.remaining),
      ...[key.createdAt, key.lastUsedAt, key.expiresAt].map((time) => (time === null ? "" : DateTime.formatIso(time))),
      key.findings.join(" ")
    ])
  )
})
