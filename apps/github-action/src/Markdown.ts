import { oneLine } from "@keysweep/core/SafeText"

/**
 * Foreign text as one cell: every punctuation mark of ASCII as a character reference, which neither Markdown nor HTML
 * takes for structure, in `code`, where GitHub makes no mentions and no links.
 */
export const code = (text: string, limit = 100): string => `<code>${escaped(text, limit)}</code>`

export const escaped = (text: string, limit = 400): string =>
  oneLine(text, limit).replaceAll(/[!-/:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`)

/** Rows of finished cells. Above `limit` rows only their number is said: the runner takes 1 MiB of summary a step. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>, limit = 500): string => {
  if (rows.length === 0) return ""
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  const more = rows.length > limit ? `\n\n${rows.length - limit} more rows are not shown.` : ""
  return `${[line(head), line(head.map(() => "---")), ...rows.slice(0, limit).map(line)].join("\n")}${more}\n`
}

export const paragraphs = (parts: ReadonlyArray<string>): string =>
  `${parts.filter((part) => part !== "").join("\n\n")}\n`

/** The runner takes 1 MiB of summary a step, and drops what is longer as a whole. */
export const withinLimit = (markdown: string, limit = 1_000_000): string => {
  const bytes = Buffer.from(markdown, "utf8")
  if (bytes.length <= limit) return markdown
  const whole = bytes.subarray(0, limit).lastIndexOf("\n")
  return `${bytes.subarray(0, whole).toString("utf8")}\n\nThe page is longer than GitHub shows; the rest is in the files of this step.\n`
}
