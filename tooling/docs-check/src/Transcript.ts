import { stripVTControlCharacters } from "node:util"

/** One command of a page, and what the page says it prints; nothing said is nothing compared. */
export interface Exchange {
  readonly command: string
  readonly output: string | undefined
}

/** A `console` block as its commands: a line that starts with `$ ` is typed, what follows is printed. */
export const exchanges = (text: string): ReadonlyArray<Exchange> => {
  const found: Array<{ command: string; lines: Array<string> }> = []
  for (const line of text.split("\n")) {
    const last = found.at(-1)
    if (line.startsWith("$ ")) found.push({ command: line.slice(2), lines: [] })
    else if (line.startsWith("> ") && last?.lines.length === 0) last.command += `\n${line.slice(2)}`
    else last?.lines.push(line)
  }
  return found.map(({ command, lines }) => ({ command, output: lines.join("\n").trim() || undefined }))
}

/**
 * The first line of the page's output that the real output does not have, in order, or nothing. What differs from run to
 * run (ids, hashes, times, paths, widths of columns) is not compared; `…` stands for anything, and alone on a line for
 * any lines.
 */
export const firstDifference = (expected: string, actual: string): string | undefined => {
  const real = actual.split("\n").map(normal)
  let from = 0
  for (const line of expected.split("\n")) {
    const wanted = normal(line)
    if (wanted === "" || wanted === "…") continue
    const pattern = new RegExp(`^${wanted.split("…").map(escape).join(".*")}$`)
    const at = real.findIndex((each, index) => index >= from && pattern.test(each))
    if (at === -1) return line
    from = at + 1
  }
  return undefined
}

const changing: ReadonlyArray<readonly [pattern: RegExp, name: string]> = [
  [/\b(kf|acct|run)_[a-z0-9]+/g, "<$1>"],
  [/\bage1[a-z0-9]+/g, "<recipient>"],
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?/g, "<time>"],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, "<hash>"],
  [/\b\d+(?:\.\d+)? ?(?:ms|s|min)\b/g, "<duration>"],
  [/http:\/\/127\.0\.0\.1:\d+/g, "<url>"],
  [/(?:~|\.)?(?:\/[\w.<>-]+){2,}/g, "<path>"],
  [/[─━═-]{3,}/g, "---"],
  [/\s+/g, " "]
]

const normal = (line: string): string =>
  changing.reduce((text, [pattern, name]) => text.replace(pattern, name), stripVTControlCharacters(line)).trim()

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
