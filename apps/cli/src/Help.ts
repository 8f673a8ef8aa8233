import stringWidth from "string-width"
import type { Style } from "./render/Style.ts"
import { wrap } from "./render/Table.ts"
import type { OptionSpec } from "./Spec.ts"
import type { Group, Verb } from "./Tree.ts"

/** The help of a command or of a group, for a stranger: what it does, how to type it, examples. */
export const help = (node: Group | Verb, path: string, style: Style, width: number): string =>
  (node.kind === "group" ? groupHelp(node, path, style, width) : verbHelp(node, path, style, width)).join("\n")

const groupHelp = (group: Group, path: string, style: Style, width: number): ReadonlyArray<string> => [
  ...wrap(group.about, width),
  "",
  `${style.bold("Usage:")} ${path} <command>`,
  "",
  style.bold("Commands:"),
  ...twoColumns(group.children.map(({ name, about }) => [name, about] as const), width),
  "",
  `"${path} <command> --help" says more of each.`
]

const verbHelp = (verb: Verb, path: string, style: Style, width: number): ReadonlyArray<string> => {
  const spec = verb.spec()
  const section = (title: string, rows: ReadonlyArray<readonly [string, string]>) =>
    rows.length === 0 ? [] : ["", style.bold(title), ...twoColumns(rows, width)]
  return [
    ...wrap(verb.about, width),
    "",
    `${style.bold("Usage:")} ${[path, ...spec.arguments.map(({ name, optional }) => (optional ? `[${name}]` : name)), "[options]"].join(" ")}`,
    ...verb.details.flatMap((text) => ["", ...wrap(text, width)]),
    ...section("Arguments:", spec.arguments.map(({ name, about }) => [name, about])),
    ...section("Options:", [...spec.options.map((option) => [optionTerm(option), option.about] as const), ["-h, --help", "This page."]]),
    ...(verb.examples.length === 0 ? [] : ["", style.bold("Examples:"), ...verb.examples.map((line) => `  ${line}`)])
  ]
}

const optionTerm = ({ names, value }: OptionSpec): string => {
  const shortFirst = [...names].sort((a, b) => a.length - b.length).join(", ")
  return value === undefined ? shortFirst : `${shortFirst} ${value}`
}

const twoColumns = (rows: ReadonlyArray<readonly [term: string, about: string]>, width: number): ReadonlyArray<string> => {
  const left = Math.min(30, Math.max(...rows.map(([term]) => stringWidth(term))))
  return rows.flatMap(([term, about]) => {
    const lines = wrap(about, Math.max(20, width - left - 4))
    const room = " ".repeat(left + 4)
    const fits = stringWidth(term) <= left
    const first = fits ? `  ${term}${" ".repeat(left - stringWidth(term) + 2)}${lines[0] ?? ""}`.trimEnd() : `  ${term}`
    return [first, ...(fits ? lines.slice(1) : lines).map((line) => room + line)]
  })
}
