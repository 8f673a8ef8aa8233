import { oneLine } from "@keysweep/core/SafeText"
import { isFinal, pastOf } from "@keysweep/revocation/Action"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { type Block, code, rows, small } from "./Blocks.ts"
import { counted, credits } from "./Words.ts"

/** What a run did, key by key, and what was proven of it. What went wrong comes first. */
export const receiptBlocks = (receipt: Receipt): ReadonlyArray<Block> => {
  const isFine = ({ outcome }: Receipt["keys"][number]) => outcome === "done" || outcome === "already-gone"
  const keys = [...receipt.keys.filter((key) => !isFine(key)), ...receipt.keys.filter(isFine)]
  return [
    ...rows(
      keys,
      (key) =>
        `${isFine(key) ? "✓" : "✗"} ${oneLine(key.name, 60)}: ${key.outcome === "done" ? pastOf(receipt.action) : key.outcome.replace("-", " ")}${key.detail === "" ? "" : ` (${oneLine(key.detail, 120)})`} (${key.id})`,
      ""
    ),
    ...(receipt.skipped.length === 0
      ? []
      : [small(`${counted(receipt.skipped.length, "key")} left alone, as planned.`)]),
    small(
      [
        ...(isFinal(receipt.action) ? [creditText(receipt)] : []),
        `Run ${code(receipt.run)}. Backup ${code(receipt.backup)}.`,
        `Anchor ${code(receipt.anchor ?? "none")}: this message keeps it, and it shows if the log is ever put back.`
      ].join(" ")
    )
  ]
}

const creditText = ({ creditExpected, creditObserved }: Receipt): string =>
  creditObserved === null
    ? `Credit expected back: ${credits(creditExpected)}; nothing shows it yet.`
    : `Credit expected back: ${credits(creditExpected)}; the keys hold ${credits(creditObserved)} less than before.`
