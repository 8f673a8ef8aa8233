import { oneLine } from "@keysweep/core/SafeText"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { type Block, header, mention, type Message, message, plain, small } from "./Blocks.ts"
import type { Errand } from "./Errand.ts"
import { receiptBlocks } from "./ReceiptBlocks.ts"
import type { Ending } from "./Request.ts"

/** While it goes on. */
export const errandMessage = (errand: Errand, progress: string): Message => {
  const title = `Running: ${titleOf(errand)}`
  return message(`${title}.`, [header(title), ...about(errand), plain(progress)])
}

/** What came of it. */
export const errandEndMessage = (errand: Errand, { detail, receipt }: Omit<Ending, "at">): Message => {
  const what = titleOf(errand)
  const title = receipt === null ? `Not done: ${what}` : endTitle(what, receipt)
  return message(`${title}.`, [
    header(title),
    ...about(errand),
    ...(detail === "" ? [] : [plain(detail)]),
    ...(receipt === null ? [] : receiptBlocks(receipt))
  ])
}

const endTitle = (what: string, { outcome }: Receipt) =>
  outcome === "done" ? `Done: ${what}` : `Not done (${outcome}): ${what}`

const titleOf = ({ panic, run }: Errand): string => panic?.phrase ?? `resume ${run}`

const about = ({ panic, user }: Errand): ReadonlyArray<Block> => [
  small(`Asked by ${mention(user)}`),
  ...(panic === null
    ? []
    : [...(panic.reason === null ? [] : [plain(`Reason: ${oneLine(panic.reason, 300)}`)]), plain(masterKeyText)])
]

/** What no panic can do. */
const masterKeyText =
  "Was the master key exposed too? Then whoever has it can make new keys at any time: replace it (keysweep master-key regenerate --sink …), give it to every program that used the old one, and panic once more."
