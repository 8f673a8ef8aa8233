import { oneLine } from "@keysweep/core/SafeText"
import type { Receipt } from "@keysweep/revocation/Receipt"
import type { Reminder } from "@keysweep/revocation/Reminder"
import type { SoakState } from "@keysweep/revocation/SoakState"
import { DateTime } from "effect"
import { type Block, code, markup, mentions, type Message, message, plain, rows, small } from "./Blocks.ts"
import { receiptBlocks } from "./ReceiptBlocks.ts"
import { counted, moment } from "./Words.ts"

/** In a few words, where it stands. */
export const soakTitle = ({ soaking }: SoakState, waiting: string | null): string => {
  const untils = soaking.flatMap(({ alarm, until }) => (alarm === null ? [until] : []))
  const [first, ...others] = untils
  if (first === undefined) return "Disabled, and somebody misses it"
  if (waiting !== null) return "Due, and not deleted yet"
  return `Soaking until ${moment(others.reduce((a, b) => DateTime.min(a, b), first))}`
}

/** What soaks and until when, what somebody misses, and how to have it back. */
export const soakBlocks = (
  { deletions, ended, receipt, soaking }: SoakState,
  waiting: string | null
): ReadonlyArray<Block> => [
  ...(waiting === null ? [] : [plain(`Not deleted: ${oneLine(waiting, 600)} It is tried again.`)]),
  ...rows(
    soaking,
    ({ alarm, key, until }) =>
      alarm === null
        ? `• ${oneLine(key.name, 60)}: disabled, deleted from ${moment(until)} on (${key.id})`
        : `✗ ${oneLine(key.name, 60)}: ${oneLine(alarm, 200)}. It is not deleted by itself any more (${key.id})`,
    " soaking"
  ),
  ...rows(ended, ({ how, id, name }) => `– ${oneLine(name, 60)}: ${oneLine(how, 120)} (${id})`, ""),
  ...(deletions.length === 0
    ? []
    : [
        small(
          `${counted(
            deletions.reduce((sum, { keys }) => sum + keys.length, 0),
            "key"
          )} deleted so far.`
        )
      ]),
  markup(wayBack(receipt)),
  ...receiptBlocks(receipt)
]

/** Tells whoever asked and whoever approved what they should look at. */
export const reminderMessage = (
  receipt: Receipt,
  people: ReadonlyArray<string>,
  reminders: ReadonlyArray<Reminder>
): Message =>
  message("Keys that soak: somebody should look at this.", [
    markup(mentions(people)),
    ...rows(reminders, ({ text }) => `• ${oneLine(text, 400)}`, ""),
    markup(wayBack(receipt))
  ])

const wayBack = ({ plan, run }: Receipt): string =>
  `To keep it from being deleted: ${code(`/keysweep hold plan:${plan.slice(0, 12)} reason:"…"`)}. To bring every key of it back: ${code(`/keysweep undo ${run} reason:"…"`)}. One of them: ${code('/keysweep enable key:kf_… reason:"…"')}.`
