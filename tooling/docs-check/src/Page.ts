/** A fenced block of a page. `line` is the line of its opening fence, counted from one. */
export interface Block {
  readonly line: number
  readonly language: string
  /** What stands after the language: `run`, `skip="why"`, `exit=2`, `background`. A bare word has the value "". */
  readonly marks: Readonly<Record<string, string>>
  readonly text: string
  /** The `text` or `console` block that comes right after a shell block: what it prints. */
  readonly output: string | undefined
}

export interface Link {
  readonly line: number
  readonly target: string
}

export interface Page {
  readonly blocks: ReadonlyArray<Block>
  readonly links: ReadonlyArray<Link>
  /** Anchors that a link may name, as GitHub makes them from headings, and explicit ones. */
  readonly anchors: ReadonlySet<string>
}

export const shells = new Set(["sh", "bash", "shell"])
const outputs = new Set(["text", "console"])

export const parsePage = (markdown: string): Page => {
  const blocks: Array<Block> = []
  const links: Array<Link> = []
  const anchors = new Set<string>()
  const lines = markdown.split(/\r?\n/)
  let adjacent = false

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ""
    const fence = /^(\s*(?:(?:[-*+]|\d+[.)])\s+)?)(`{3,}|~{3,})\s*([^\s`]*)\s*([^`]*)$/.exec(line)
    if (fence !== null) {
      const [, indent = "", ticks = "", language = "", info = ""] = fence
      const start = index + 1
      while (++index < lines.length && !(lines[index] ?? "").trim().startsWith(ticks));
      const margin = new RegExp(`^ {0,${indent.length}}`)
      const text = lines
        .slice(start, index)
        .map((each) => each.replace(margin, ""))
        .join("\n")
      const before = blocks.at(-1)
      if (adjacent && before !== undefined && shells.has(before.language) && outputs.has(language)) {
        blocks[blocks.length - 1] = { ...before, output: text }
        adjacent = false
      } else {
        blocks.push({ line: start, language, marks: parseMarks(info), text, output: undefined })
        adjacent = true
      }
      continue
    }
    if (line.trim() !== "") adjacent = false
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading !== undefined) anchors.add(unique(slug(heading), anchors))
    for (const [, id = ""] of line.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id)
    for (const target of targets(line.replace(/(`+).*?\1/g, ""))) links.push({ line: index + 1, target })
  }
  return { blocks, links, anchors }
}

/** A heading's anchor by GitHub's rule: lower case, punctuation gone, spaces to hyphens. */
export const slug = (heading: string): string =>
  heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-")

const unique = (anchor: string, taken: ReadonlySet<string>): string => {
  let name = anchor
  for (let count = 1; taken.has(name); count++) name = `${anchor}-${count}`
  return name
}

const targets = (line: string): ReadonlyArray<string> => [
  ...[...line.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, target = ""]) => target),
  ...[...line.matchAll(/^\s*\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g)].map(([, target = ""]) => target),
  ...[...line.matchAll(/<(?:a|img)\s[^>]*(?:href|src)="([^"]+)"/g)].map(([, target = ""]) => target)
]

const parseMarks = (info: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...info.matchAll(/([\w-]+)(?:=(?:"([^"]*)"|(\S+)))?/g)].map(([, name = "", quoted, bare]) => [
      name,
      quoted ?? bare ?? ""
    ])
  )
