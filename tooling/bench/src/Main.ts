import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { machineText, today } from "./Machine.ts"
import { cellsOf, markdownTable, pageWith, sectionOf } from "./Page.ts"
import { type Options, type Row, verdictOf } from "./Row.ts"
import { rows } from "./Rows.ts"
import { root } from "./Workspace.ts"

const usage = `pnpm bench [--full | --scaled N] [ROW…]

  --full      every size and round, unscaled (a quarter of an hour), and write the sections of docs/benchmarks.md
  --scaled N  a quick look with clocks N times faster (default 10); writes nothing

Rows: ${rows.map(({ name }) => name).join(", ")}
`

const page = join(root, "docs/benchmarks.md")

const main = async (typed: ReadonlyArray<string>): Promise<number> => {
  const { positionals, values } = parseArgs({
    args: typed.filter((word) => word !== "--"),
    allowPositionals: true,
    options: { full: { type: "boolean" }, scaled: { type: "string" }, help: { type: "boolean", short: "h" } }
  })
  const unknown = positionals.filter((name) => rows.every((row) => row.name !== name))
  const full = values.full === true
  const timeScale = full ? 1 : Number(values.scaled ?? 10)
  if (values.help === true || unknown.length > 0 || (full && values.scaled !== undefined) || !(timeScale >= 1)) {
    process.stderr.write(usage)
    return values.help === true ? 0 : 2
  }
  const wanted = rows.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const sections = new Map<string, string>()
  const missed: Array<string> = []
  for (const row of wanted) {
    const { held, section } = await measure(row, { full, timeScale })
    if (!held) missed.push(row.name)
    if (section !== undefined) sections.set(row.name, section)
  }
  if (full) {
    writeFileSync(page, pageWith(existsSync(page) ? readFileSync(page, "utf8") : "", rows, sections))
    process.stdout.write("Written to docs/benchmarks.md.\n")
  }
  process.stdout.write(missed.length === 0 ? "No bar is missed.\n" : `Missed: ${missed.join(", ")}.\n`)
  return missed.length === 0 ? 0 : 1
}

/** A row that fails is told, and the others are measured all the same. */
const measure = async (row: Row, options: Options): Promise<{ readonly held: boolean; readonly section?: string }> => {
  process.stdout.write(`\n${row.title}\n`)
  const machine = `Measured ${today()} on ${machineText()}`
  try {
    const measured = await row.run(options)
    const cells = measured.cases.map((it) => cellsOf(row, it))
    process.stdout.write(`${markdownTable([["", "Keysweep", "Against", "Ratio", "Bar", ""], ...cells])}\n`)
    process.stdout.write(`${measured.note} ${machine}.\n`)
    return {
      held: measured.cases.every((it) => verdictOf(row.bar, it) !== "missed"),
      section: sectionOf(row, measured, machine)
    }
  } catch (error) {
    process.stdout.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`)
    return { held: false }
  }
}

process.exitCode = await main(process.argv.slice(2))
