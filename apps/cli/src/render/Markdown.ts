import { oneLine } from "@keysweep/core/SafeText"

/**
 * A table for a page. Every punctuation mark of ASCII but the hyphen is a character reference, which neither Markdown nor HTML
 * takes for structure: no link, no mention, no tag.
 */
export const markdownTable = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string | number>>
): string =>
  [head, head.map(() => "---"), ...rows.map((cells) => cells.map(cell))]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")

/** Ids and numbers need nothing; everything else is foreign. */
const cell = (value: string | number): string =>
  typeof value === "number" || /^(?:kf|acct|bk|run)_[a-z0-9_]+$/.test(value) ? String(value) : escaped(value)

/** Foreign text as one line of a page. */
export const escaped = (text: string): string =>
  oneLine(text, 400).replaceAll(/[!-,./:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`)
