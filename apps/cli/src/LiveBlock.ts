import { stripVTControlCharacters } from "node:util"
import { widthOf } from "./render/Width.ts"

/**
 * Lines at the bottom of a terminal that are drawn again and again, each time over the last. They end with a line break, so
 * that whatever comes after the process was killed stands on a line of its own.
 */
export const makeLiveBlock = (columns: () => number) => {
  let shown: ReadonlyArray<string> = []
  const erase = (): string => {
    // A terminal that was made narrower in the meantime has wrapped them.
    const rows = shown.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / columns())),
      0
    )
    shown = []
    return rows === 0 ? "" : `\r\u001B[${rows}A\u001B[J`
  }
  return {
    /** What takes the lines away. */
    erase,
    /** They stay where they are: somebody else has written below them. */
    forget: (): void => {
      shown = []
    },
    /** What replaces them by others. */
    draw: (lines: ReadonlyArray<string>): string => {
      if (lines.length === shown.length && lines.every((line, at) => line === shown[at])) return ""
      const text = erase()
      shown = lines
      return text + lines.map((line) => `${line}\n`).join("")
    }
  }
}
