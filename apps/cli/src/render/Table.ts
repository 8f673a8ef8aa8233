import { speechless } from "./Speechless.ts"
import { fitting, widthOf } from "./Width.ts"

/** A cell's text must be one harmless line already (`oneLine` for foreign text); `paint` may add colour to it. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

export interface Column {
  readonly title: string
  readonly right?: boolean
  /** May be cut down to this many columns on a narrow terminal. Without it the column keeps its width. */
  readonly shrinksTo?: number
  /** Nothing of its text is lost where it shrinks: the rest goes on below. */
  readonly wraps?: boolean
  /** Left out on a narrow terminal, the highest number first. Without it the column stays. */
  readonly drop?: number
}

const gap = 2

/** A table that fits `width` columns where it can: first the shrinkable columns shrink, then the droppable ones go. */
export const table = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  width: number,
  heading: (text: string) => string
): string => {
  const natural = columns.map((column, at) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(speechless(row[at]?.text ?? ""))))
  )
  const widths = fit(columns, natural, width)
  const line = (cells: ReadonlyArray<Cell>): string => {
    const texts = columns.map(({ wraps }, at) => {
      const room = widths[at] ?? 0
      const text = speechless(cells[at]?.text ?? "")
      return wraps === true && widthOf(text) > room && room > 0
        ? wrap(text, room).flatMap((line) => broken(line, room))
        : [truncate(text, room)]
    })
    const height = Math.max(...texts.map((lines) => lines.length))
    return Array.from({ length: height }, (_, down) =>
      columns
        .flatMap(({ right }, at) => {
          const room = widths[at] ?? 0
          if (room === 0) return []
          const text = texts[at]?.[down] ?? ""
          const painted = text === "" ? "" : (cells[at]?.paint?.(text) ?? text)
          const padding = " ".repeat(room - widthOf(text))
          return [right === true ? padding + painted : painted + padding]
        })
        .join(" ".repeat(gap))
        .trimEnd()
    ).join("\n")
  }
  return [line(columns.map(({ title }) => ({ text: title, paint: heading }))), ...rows.map(line)].join("\n")
}

/** A column that must stay is not cut below this before others are left out. */
const comfortable = 20

/** The room of each column; 0 for one that is left out. */
const fit = (columns: ReadonlyArray<Column>, natural: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  const leaving = columns
    .flatMap(({ drop }, at) => (drop === undefined ? [] : [{ drop, at }]))
    .sort((a, b) => b.drop - a.drop)
  const left = new Set<number>()
  const cut = (floor: number): ReadonlyArray<number> => {
    const widths = natural.map((room, at) => (left.has(at) ? 0 : room))
    const over = () => widths.reduce((sum, room) => sum + (room === 0 ? 0 : room + gap), -gap) - width
    const shrinkable = columns.flatMap(({ drop, shrinksTo }, at) =>
      shrinksTo === undefined || left.has(at)
        ? []
        : [{ at, least: drop === undefined ? Math.max(shrinksTo, floor) : shrinksTo, drop: drop ?? 0 }]
    )
    for (const { at, least } of shrinkable.sort((a, b) => b.drop - a.drop)) {
      const room = widths[at] ?? 0
      widths[at] = Math.max(Math.min(room, least), room - Math.max(0, over()))
    }
    return over() <= 0 ? widths : []
  }
  let widths = cut(comfortable)
  for (const { at } of leaving) {
    if (widths.length > 0) return widths
    left.add(at)
    widths = cut(comfortable)
  }
  return widths.length > 0 ? widths : orNarrowest(columns, natural, left, width)
}

/** What stays does not fit comfortably: everything that can be cut is cut as far as it must be. */
const orNarrowest = (
  columns: ReadonlyArray<Column>,
  natural: ReadonlyArray<number>,
  left: ReadonlySet<number>,
  width: number
): ReadonlyArray<number> => {
  const widths = natural.map((room, at) => (left.has(at) ? 0 : room))
  for (const [at, { shrinksTo }] of columns.entries()) {
    const over = widths.reduce((sum, room) => sum + (room === 0 ? 0 : room + gap), -gap) - width
    const room = widths[at] ?? 0
    if (shrinksTo !== undefined && room > 0 && over > 0) widths[at] = Math.max(Math.min(room, shrinksTo), room - over)
  }
  return widths
}

/** A line in pieces of at most `width` columns. */
const broken = (line: string, width: number): ReadonlyArray<string> => {
  const first = fitting(line, width)
  return first === line || first === "" ? [line] : [first, ...broken(line.slice(first.length), width)]
}

/** Cut to a width in terminal columns; an ellipsis shows that something is missing. */
export const truncate = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${fitting(text, width - 1)}…`

/** Words of a text on lines of at most `width` columns, and never more than 100; a longer word stands alone. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> => {
  const width = Math.min(columns, 100)
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(/\s+/u).filter((word) => word !== "")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return line === "" ? lines : [...lines, line]
}
