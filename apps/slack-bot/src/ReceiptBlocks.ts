import { oneLine } from "@keysweep/core/SafeText"
import { isFinal, pastOf } from "@keysweep/revocation/Action"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { type Block, code, rows, small } from "./Blocks.ts"
import { credits } from "./Words.ts"

/** What a run did, key by key, and what was proven of it. What went wrong comes first. */
export const receiptBlocks = (receipt: Receipt): ReadonlyArray<Block> => {
  const lines = receipt.keys
    .map(({ detail, id, name, outcome }) => ({
      fine: outcome === "done" || outcome === "already-gone",
      text: `${oneLine(name, 60)}: ${outcome === "done" ? pastOf(receipt.action) : outcome.replace("-", " ")}${detail === "" ? "" : ` (${oneLine(detail, 120)})`} (${id})`
    }))
    .sort((a, b) => Number(a.fine) - Number(b.fine))
  return [
    ...rows(
      lines.map(({ fine, text }) => `${fine ? "✓" : "✗"} ${text}`),
      ""
    ),
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
