import { barText, type Case, type Measured, type Row, verdictOf } from "./Row.ts"

/** The page of the results, with a section for each row that was measured now and the others as they were. */
export const pageWith = (before: string, all: ReadonlyArray<Row>, sections: ReadonlyMap<string, string>): string => {
  const old = sectionsOf(before)
  const parts = all.flatMap(({ name, title }) => sections.get(name) ?? old.get(title) ?? [])
  return `${[opening, ...parts].join("\n")}`
}

const opening = `# Benchmarks

\`npx -y pnpm@10.34.8 bench --full\` measures each row side by side in one run and writes its section here; without
\`--full\` it is a quick look and writes nothing. What counts is the ratio: times and rates are medians, and belong to the
machine that is named with them. Where two things were measured in turn, the ratio is the median of the ratios of pairs.
`

/** One row on the page, `measured` on a machine. */
export const sectionOf = (row: Row, { cases, note }: Measured, machine: string): string => `## ${row.title}

${row.how}

${tableOf(row, cases)}

${note} ${machine}.
`

const tableOf = (row: Row, cases: ReadonlyArray<Case>): string =>
  markdownTable([["", "Keysweep", "Against", "Ratio", "Bar", ""], ...cases.map((it) => cellsOf(row, it))])

export const cellsOf = (row: Row, it: Case): ReadonlyArray<string> => [
  it.what,
  it.ours,
  it.against,
  ratioText(it.ratio),
  barText(row.bar),
  `${verdictOf(row.bar, it)}${it.wrong === undefined ? "" : `: ${it.wrong}`}`
]

/** Enough digits that a ratio beside its bar says which side it is on. */
const ratioText = (ratio: number): string => (Number.isInteger(ratio) ? String(ratio) : ratio.toFixed(3))

export const markdownTable = (lines: ReadonlyArray<ReadonlyArray<string>>): string => {
  const [head = [], ...body] = lines
  const widths = head.map((_, column) => Math.max(3, ...lines.map((cells) => (cells[column] ?? "").length)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)].join("\n")
}

/** Sections of a page by their headings. */
const sectionsOf = (page: string): ReadonlyMap<string, string> =>
  new Map(
    page
      .split(/^(?=## )/m)
      .slice(1)
      .map((section) => [section.slice(3, section.indexOf("\n")), `${section.trimEnd()}\n`] as const)
  )
