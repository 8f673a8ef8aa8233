/** A block, an element or a text object of Block Kit, as it came over the wire. */
export interface Part {
  readonly type?: string
  readonly text?: Part | string
  readonly block_id?: string
  readonly action_id?: string
  readonly value?: string
  readonly title?: Part
  readonly submit?: Part
  readonly close?: Part
  readonly label?: Part
  readonly hint?: Part
  readonly element?: Part
  readonly accessory?: Part
  readonly elements?: ReadonlyArray<Part>
  readonly options?: ReadonlyArray<Part>
  readonly placeholder?: Part
  readonly max_selected_items?: number
  readonly optional?: boolean
  readonly fields?: ReadonlyArray<Part>
  readonly blocks?: ReadonlyArray<Part>
  readonly callback_id?: string
  readonly private_metadata?: string
  readonly notify_on_close?: boolean
}

/** The sum that Slack refuses a message at is not documented; at about 13,200 it does (slackapi/bolt-js#2509). */
const charactersOfMessage = 12_000

/** What Slack would refuse about a message's blocks; nothing for a good one. Sources: docs.slack.dev, `@slack/types`. */
export const messageProblems = (text: string, blocks: ReadonlyArray<Part>): ReadonlyArray<string> => [
  ...atMost("blocks of a message", blocks.length, 50),
  ...atMost("characters of the blocks", characters(blocks), charactersOfMessage),
  ...atMost("characters of the text", text.length, 4000),
  ...(text === "" ? ["a message needs a text for notifications"] : []),
  ...repeated(blocks),
  ...blocks.flatMap(blockProblems)
]

/** The same for a modal. */
export const viewProblems = (view: Part): ReadonlyArray<string> => [
  ...atMost("blocks of a modal", view.blocks?.length ?? 0, 100),
  ...length("title of a modal", view.title, 1, 24),
  ...(view.submit === undefined ? [] : length("submit of a modal", view.submit, 1, 24)),
  ...(view.close === undefined ? [] : length("close of a modal", view.close, 1, 24)),
  ...atMost("private_metadata", view.private_metadata?.length ?? 0, 3000),
  ...atMost("callback_id", view.callback_id?.length ?? 0, 255),
  ...((view.blocks ?? []).some((block) => block.type === "input") && view.submit === undefined
    ? ["a modal with an input needs a submit"]
    : []),
  ...repeated(view.blocks ?? []),
  ...(view.blocks ?? []).flatMap(blockProblems)
]

const blockProblems = (block: Part): ReadonlyArray<string> => {
  const own = atMost("block_id", block.block_id?.length ?? 0, 255)
  switch (block.type) {
    case "section":
      return [
        ...own,
        ...(block.text === undefined && block.fields === undefined ? ["a section needs a text or fields"] : []),
        ...(block.text === undefined ? [] : length("text of a section", block.text, 1, 3000)),
        ...atMost("fields of a section", block.fields?.length ?? 0, 10),
        ...(block.fields ?? []).flatMap((field) => length("field of a section", field, 1, 2000)),
        ...(block.accessory === undefined ? [] : elementProblems(block.accessory))
      ]
    case "header":
      return [...own, ...plain("header", block.text), ...length("header", block.text, 1, 150)]
    case "context":
      return [
        ...own,
        ...between("elements of a context", block.elements?.length ?? 0, 1, 10),
        ...(block.elements ?? []).flatMap((element) => length("text of a context", element, 1, 3000))
      ]
    case "actions":
      return [
        ...own,
        ...between("elements of actions", block.elements?.length ?? 0, 1, 25),
        ...(block.elements ?? []).flatMap(elementProblems)
      ]
    case "input":
      return [
        ...own,
        ...plain("label of an input", block.label),
        ...length("label of an input", block.label, 1, 2000),
        ...(block.hint === undefined ? [] : length("hint of an input", block.hint, 1, 2000)),
        ...(block.element === undefined ? ["an input needs an element"] : elementProblems(block.element))
      ]
    case "divider":
      return own
    default:
      return [`unknown block ${block.type ?? ""}`]
  }
}

/** What Slack would refuse about the choices of a field. */
export const optionProblems = (options: ReadonlyArray<Part>, most = 100): ReadonlyArray<string> => [
  ...atMost("choices", options.length, most),
  ...options.flatMap((option) => [
    ...plain("text of a choice", option.text),
    ...length("text of a choice", option.text, 1, 75),
    ...between("characters in the value of a choice", option.value?.length ?? 0, 1, 150)
  ]),
  ...(new Set(options.map(({ value }) => value)).size === options.length ? [] : ["two choices have the same value"])
]

const elementProblems = (element: Part): ReadonlyArray<string> => [
  ...atMost("action_id", element.action_id?.length ?? 0, 255),
  ...(element.placeholder === undefined ? [] : length("placeholder", element.placeholder, 1, 150)),
  ...(element.type === "static_select"
    ? [...(element.options?.length === 0 ? ["a select needs choices"] : []), ...optionProblems(element.options ?? [])]
    : []),
  ...(element.type === "checkboxes" ? optionProblems(element.options ?? [], 10) : []),
  ...(element.type === "button"
    ? [
        ...plain("text of a button", element.text),
        ...length("text of a button", element.text, 1, 75),
        ...atMost("value of a button", element.value?.length ?? 0, 2000)
      ]
    : [])
]

const textOf = (part: Part | string | undefined): string =>
  part === undefined ? "" : typeof part === "string" ? part : textOf(part.text)

const length = (what: string, part: Part | string | undefined, least: number, most: number): ReadonlyArray<string> =>
  between(`characters in the ${what}`, textOf(part).length, least, most)

const plain = (what: string, part: Part | string | undefined): ReadonlyArray<string> =>
  typeof part === "object" && part.type === "plain_text" ? [] : [`the ${what} must be plain_text`]

const between = (what: string, count: number, least: number, most: number): ReadonlyArray<string> =>
  count < least ? [`${count} ${what}, at least ${least}`] : atMost(what, count, most)

const atMost = (what: string, count: number, most: number): ReadonlyArray<string> =>
  count > most ? [`${count} ${what}, at most ${most}`] : []

const repeated = (blocks: ReadonlyArray<Part>): ReadonlyArray<string> => {
  const ids = blocks.flatMap(({ block_id }) => (block_id === undefined ? [] : [block_id]))
  return new Set(ids).size === ids.length ? [] : ["two blocks have the same block_id"]
}

/** Every text in the blocks, counted as Slack shows it. */
const characters = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + characters(item), 0)
  if (typeof value !== "object" || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [name, inner]) => sum + (name === "text" && typeof inner === "string" ? inner.length : characters(inner)),
    0
  )
}
