import type { SoakState } from "@keysweep/revocation/SoakState"
import { code, header, markup, mentions, type Message, message, plain, small } from "./Blocks.ts"
import { receiptBlocks } from "./ReceiptBlocks.ts"
import { endOfSoak } from "./Soaking.ts"
import { soakBlocks, soakTitle } from "./SoakBlocks.ts"
import { counted } from "./Words.ts"

/** A soak that nobody has asked for in Slack: who began it, what soaks, and how to object. */
export const soakNoteMessage = (soak: {
  readonly state: SoakState
  /** Whoever began it, by the log. */
  readonly by: string
  /** Owners of the soaking keys, by the log's names for people. */
  readonly owners: ReadonlyArray<string>
  readonly waiting: string | null
}): Message => {
  const { by, owners, state, waiting } = soak
  const { receipt, soaking } = state
  const begun = small(
    `Begun elsewhere by ${code(by)} · account ${code(receipt.account)} · plan ${code(receipt.plan.slice(0, 12))}`
  )
  if (soaking.length === 0) {
    const { detail, outcome, receipt: last } = endOfSoak(state)
    const title = `Soak over (${outcome})`
    return message(`${title}.`, [header(title), begun, plain(detail), ...(last === null ? [] : receiptBlocks(last))])
  }
  const title = `${soakTitle(state, waiting)}: ${counted(soaking.length, "key")}, then delete`
  return message(`${title}.`, [
    header(title),
    begun,
    ...(owners.length === 0 ? [] : [markup(`${mentions(owners)}: yours are among them.`)]),
    ...soakBlocks(state, waiting)
  ])
}
