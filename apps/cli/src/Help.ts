import type { Style } from "./render/Style.ts"
import { wrap } from "./render/Table.ts"
import { widthOf } from "./render/Width.ts"
import type { CommandSpec, OptionSpec } from "./Spec.ts"
import type { Group } from "./Tree.ts"
import type { VerbWords } from "./Verb.ts"

/** A title, and rows of a term and what it means. */
export type Section = readonly [title: string, rows: ReadonlyArray<readonly [string, string]>]

/** A page about what more than one command goes by. */
export const topicHelp = (
  { about, sections }: { readonly about: string; readonly sections: ReadonlyArray<Section> },
  style: Style,
  width: number
): string => [...wrap(about, width), ...sectionLines(sections, style, width)].join("\n")

/** Help for a stranger: what there is, and how to type it. */
export const groupHelp = (group: Group, path: string, style: Style, width: number): string =>
  [
    ...wrap(group.about, width),
    "",
    `${style.bold("Usage:")} ${path} <command>`,
    "",
    style.bold("Commands:"),
    ...twoColumns(
      group.children.map(({ name, about }) => [name, about] as const),
      width
    ),
    ...sectionLines(group.notes ?? [], style, width),
    "",
    `"${path} <command> --help" says more of each.`
  ].join("\n")

export const verbHelp = (
  { path, spec, words }: { readonly path: string; readonly words: VerbWords; readonly spec: CommandSpec },
  style: Style,
  width: number
): string => {
  const section = (title: string, rows: ReadonlyArray<readonly [string, string]>) =>
    rows.length === 0 ? [] : ["", style.bold(title), ...twoColumns(rows, width)]
  const names = spec.arguments.map(({ name, optional, repeats }) =>
    optional ? `[${name}${repeats ? "…" : ""}]` : name
  )
  const { details = [], examples = [] } = words
  return [
    ...wrap(words.about, width),
    "",
    `${style.bold("Usage:")} ${[path, ...names, "[options]"].join(" ")}`,
    ...details.flatMap((text) => ["", ...wrap(text, width)]),
    ...section(
      "Arguments:",
      spec.arguments.map(({ name, about }) => [name, about])
    ),
    ...section("Options:", [
      ...spec.options.map((option) => [optionTerm(option), option.about] as const),
      ["-h, --help", "This page."]
    ]),
    ...(examples.length === 0 ? [] : ["", style.bold("Examples:"), ...examples.map((line) => `  ${line}`)])
  ].join("\n")
}

const sectionLines = (sections: ReadonlyArray<Section>, style: Style, width: number): ReadonlyArray<string> =>
  sections.flatMap(([title, rows]) => ["", style.bold(`${title}:`), ...twoColumns(rows, width)])

const optionTerm = ({ names, value }: OptionSpec): string => {
  const shortFirst = [...names].sort((a, b) => a.length - b.length).join(", ")
  return value === undefined ? shortFirst : `${shortFirst} ${value}`
}

const twoColumns = (
  rows: ReadonlyArray<readonly [term: string, about: string]>,
  width: number
): ReadonlyArray<string> => {
  const left = Math.min(30, Math.max(...rows.map(([term]) => widthOf(term))))
  return rows.flatMap(([term, about]) => {
    const lines = wrap(about, Math.max(20, Math.min(width, 100) - left - 4))
    const room = " ".repeat(left + 4)
    const fits = widthOf(term) <= left
    const first = fits ? `  ${term}${" ".repeat(left - widthOf(term) + 2)}${lines[0] ?? ""}`.trimEnd() : `  ${term}`
    return [first, ...(fits ? lines.slice(1) : lines).map((line) => room + line)]
  })
}
