import { oneLine, withoutSecrets } from "@keysweep/core/SafeText"
import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  InputBlock,
  SectionBlock,
  PlainTextOption
} from "@slack/types"

export type { InputBlock, PlainTextOption }

/** The kinds of block that the bot uses. */
export type Block = ActionsBlock | ContextBlock | HeaderBlock | InputBlock | SectionBlock

/** One message. `text` is what a notification shows: it names no key, because Slack reads markup in it. */
export interface Message {
  readonly text: string
  readonly blocks: ReadonlyArray<Block>
}

/** A form that one person sees. */
export interface Modal {
  /** Which form it is, and what it is about; both come back with what was typed. */
  readonly id: string
  readonly subject: string
  readonly title: string
  /** `null`: there is nothing to send yet. */
  readonly submit: string | null
  readonly close: string
  /** Slack is to tell when somebody closes it instead. */
  readonly tellsClosed?: boolean
  readonly blocks: ReadonlyArray<Block>
}

/** Slack's own limits, in characters and blocks (docs.slack.dev; the sum of a message is measured, not documented). */
const limits = { section: 2900, header: 150, message: 11_000, blocks: 50, button: 75, rows: 40, rowsTotal: 5500 }

/** Text that Slack shows as it is: no markup, no mention, no emoji. The place for everything foreign. */
export const plain = (text: string): SectionBlock => ({
  type: "section",
  text: { type: "plain_text", text: cut(text, limits.section), emoji: false }
})

/** Text with markup of our own. What comes from elsewhere goes through {@link escaped} or {@link code}. */
export const markup = (text: string): SectionBlock => ({
  type: "section",
  text: { type: "mrkdwn", text: cut(text, limits.section), verbatim: true }
})

export const header = (text: string): HeaderBlock => ({
  type: "header",
  text: { type: "plain_text", text: cut(text, limits.header), emoji: false }
})

export const small = (text: string): ContextBlock => ({
  type: "context",
  elements: [{ type: "mrkdwn", text: cut(text, limits.section), verbatim: true }]
})

export interface ButtonWords {
  readonly text: string
  readonly action: string
  /** What the button is about; comes back when it is pressed. */
  readonly value: string
  readonly style?: "primary" | "danger"
}

export const buttons = (words: ReadonlyArray<ButtonWords>): ActionsBlock => ({
  type: "actions",
  block_id: "actions",
  elements: words.map(({ action, style, text, value }): Button => ({
    type: "button",
    action_id: action,
    value,
    text: { type: "plain_text", text: cut(text, limits.button), emoji: false },
    ...(style === undefined ? {} : { style })
  }))
})

/** One line to type. An error in it is shown under the field of the same id. */
export const input = (id: string, label: string): InputBlock => ({
  type: "input",
  block_id: id,
  label: { type: "plain_text", text: label, emoji: false },
  element: { type: "plain_text_input", action_id: id, max_length: 300 }
})

/** A line of foreign text for each item, as many as fit, packed into few blocks; the rest is counted. */
export const rows = <A>(items: ReadonlyArray<A>, line: (item: A) => string, more: string): ReadonlyArray<Block> => {
  const texts: Array<string> = []
  let total = 0
  let shown = 0
  for (const text of items.slice(0, limits.rows).map(line)) {
    total += text.length + 1
    if (total > limits.rowsTotal) break
    const last = texts.at(-1)
    if (last === undefined || last.length + text.length + 1 > limits.section) texts.push(text)
    else texts[texts.length - 1] = `${last}\n${text}`
    shown++
  }
  const left = items.length - shown
  return [...texts.map(plain), ...(left > 0 ? [small(`… and ${left} more${more}`)] : [])]
}

/** Foreign text inside markup: `&`, `<`, `>` mean nothing any more, so it mentions nobody and links nowhere. */
export const escaped = (text: string): string =>
  oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** What is said at the end of a message: it stays when blocks before it do not fit. */
export const withNote = ({ blocks, text }: Message, note: string): Message => ({
  text,
  blocks: [...blocks.slice(0, limits.blocks - 1), small(note)]
})

/** What it is about and its buttons, where Slack finds the whole of it too long. */
export const brief = ({ blocks, text }: Message): Message => ({
  text,
  blocks: [
    ...blocks.filter(({ type }) => type === "header"),
    small("This was too long for a message. The log has all of it: `/keysweep log`"),
    ...blocks.filter(({ type }) => type === "actions")
  ]
})

/** How many rows are shown at most: what is longer needs another form too. */
export const mostRows = limits.rows

/** Text in a code span; it cannot end the span. */
export const code = (text: string): string => `\`${escaped(text).replaceAll("`", "'")}\``

/** The user, or the user group, of an id that Slack gave us. */
export const mention = (id: string): string =>
  /^[A-Z0-9]+$/.test(id) ? (id.startsWith("S") ? `<!subteam^${id}>` : `<@${id}>`) : escaped(id)

/** People by the names that the log has for them: who is of this workspace is called. */
export const mentions = (names: ReadonlyArray<string>): string =>
  names.map((name) => (name.startsWith("slack:") ? mention(name.slice(6)) : escaped(name))).join(" ")

/** A message within the limits. Blocks that do not fit are left out from the end, the buttons never. */
export const message = (text: string, blocks: ReadonlyArray<Block>): Message => {
  const kept: Array<Block> = []
  const last = blocks.filter(({ type }) => type === "actions")
  let room = limits.message - size(last)
  for (const block of blocks) {
    if (block.type === "actions") continue
    room -= size(block)
    if (room < 0 || kept.length + last.length + 1 >= limits.blocks) {
      kept.push(small("… more than fits into a message"))
      break
    }
    kept.push(block)
  }
  return { text: cut(escaped(text), 300), blocks: [...kept, ...last] }
}

/** Characters of every text in it. */
const size = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + size(item), 0)
  if (typeof value !== "object" || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [name, inner]) => sum + (name === "text" && typeof inner === "string" ? inner.length : size(inner)),
    0
  )
}

/**
 * As much of a text as fits, never nothing, because Slack refuses an empty one. Whatever is said passes here, so this is
 * also where a secret is taken out that nobody has taken out before. Slack counts UTF-16 units, as JavaScript does.
 */
export const cut = (text: string, most: number): string => {
  const safe = withoutSecrets(text)
  if (safe.trim() === "") return "–"
  return safe.length <= most ? safe : `${safe.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`
}
