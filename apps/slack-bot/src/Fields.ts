import { cut, type InputBlock, type PlainTextOption } from "./Blocks.ts"

/** One choice of a field. `value` comes back; the text is foreign, and shown as it is. */
export interface Choice {
  readonly text: string
  readonly value: string
}

/** Slack's limits, in characters and choices (docs.slack.dev, option object and select menus). */
const limits = { label: 2000, text: 75, value: 150, choices: 100 }

/** How many choices Slack shows of one field. */
export const mostChoices = limits.choices

interface FieldWords {
  /** Its name among what comes back; an error in it is shown under it. */
  readonly id: string
  readonly label: string
  readonly hint?: string
  readonly optional?: boolean
}

/** One line to type. */
export const textField = (words: FieldWords): InputBlock =>
  field(words, { type: "plain_text_input", action_id: words.id, max_length: 300 })

export const choiceField = (words: FieldWords, choices: ReadonlyArray<Choice>): InputBlock =>
  field(words, { type: "static_select", action_id: words.id, options: optionsOf(choices) })

export const tickField = (words: FieldWords, tick: string): InputBlock =>
  field(words, {
    type: "checkboxes",
    action_id: words.id,
    options: optionsOf([{ text: tick, value: words.id }])
  })

/** Keys: Slack asks the bot which fit what is typed, from the first letter on, so that any number can be searched. */
export const keysField = (words: FieldWords, most: number): InputBlock =>
  field(words, {
    type: "multi_external_select",
    action_id: keysAction,
    min_query_length: 0,
    placeholder: plainText("Type part of a name or id"),
    ...(most === Number.POSITIVE_INFINITY ? {} : { max_selected_items: most })
  })

/** What Slack names when it asks for the choices of {@link keysField}. */
export const keysAction = "keys"

/** As many choices as Slack takes. */
export const optionsOf = (choices: ReadonlyArray<Choice>): Array<PlainTextOption> =>
  choices
    .filter(({ value }) => value !== "" && value.length <= limits.value)
    .slice(0, limits.choices)
    .map(({ text, value }) => ({ text: plainText(text), value }))

/** What stood in one field, as Slack sends it. */
interface FieldState {
  readonly value?: string | null
  readonly selected_option?: { readonly value: string } | null
  readonly selected_options?: ReadonlyArray<{ readonly value: string }>
}

/** What stood in each field of a form: typed, chosen or ticked. */
export const filledOf = (values: Readonly<Record<string, Readonly<Record<string, FieldState>>>>) =>
  Object.fromEntries(
    Object.entries(values).map(([field, elements]) => [
      field,
      Object.values(elements).flatMap(({ selected_option: one, selected_options: many, value }) => [
        ...(value === undefined || value === null ? [] : [value]),
        ...(one === undefined || one === null ? [] : [one.value]),
        ...(many ?? []).map((it) => it.value)
      ])
    ])
  )

const field = ({ hint, id, label, optional }: FieldWords, element: InputBlock["element"]): InputBlock => ({
  type: "input",
  block_id: id,
  label: { type: "plain_text", text: cut(label, limits.label), emoji: false },
  ...(hint === undefined ? {} : { hint: { type: "plain_text", text: cut(hint, limits.label), emoji: false } }),
  ...(optional === true ? { optional } : {}),
  element
})

const plainText = (text: string) => ({ type: "plain_text" as const, text: cut(text, limits.text), emoji: false })
