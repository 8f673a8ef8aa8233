import { oneLine } from "./SafeText.ts"

/**
 * Rows as comma-separated values (RFC 4180), for spreadsheets: every cell is quoted, foreign text is one harmless line, and
 * what a spreadsheet would calculate (`=`, `+`, `-`, `@` at the beginning, in any width) has an apostrophe before it.
 */
export const csv = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  [head, ...rows].map((cells) => cells.map(cell).join(",")).join("\r\n")

const cell = (value: string | number): string => {
  if (typeof value === "number") return String(value)
  const text = oneLine(value, 2000)
  return `"${(/^[=+\-@＝＋－＠]/u.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}
