import type { Part } from "@keysweep/testkit/BlockLimits"
import type { Message, OpenView, PrivateAnswer } from "@keysweep/testkit/SlackFront"

/** The short name of a user id. */
export type NameOf = (user: string) => string

export const messageText = (message: Message, number: number, nameOf: NameOf): string =>
  framed(`#keys, message ${number}:`, message.blocks.length === 0 ? [message.text] : lines(message.blocks, nameOf))

export const answerText = ({ blocks, text, user }: PrivateAnswer, nameOf: NameOf): string =>
  framed(`Only ${nameOf(user)} sees this:`, blocks.length === 0 ? [text] : lines(blocks, nameOf))

/** A modal; `errors` are shown under their fields. */
export const viewText = (
  view: OpenView,
  who: string,
  nameOf: NameOf,
  errors: Readonly<Record<string, string>> = {}
): string =>
  framed(`${who} sees a form:`, [
    `« ${wordsOf(view.title, nameOf)} »`,
    ...(view.blocks ?? []).flatMap((block) => [
      ...lines([block], nameOf),
      ...(block.block_id !== undefined && errors[block.block_id] !== undefined ? [`  ✗ ${errors[block.block_id]}`] : [])
    ]),
    [view.submit, view.close].flatMap((it) => (it === undefined ? [] : [`[${wordsOf(it, nameOf)}]`])).join("  ")
  ])

/** What a button says, without the dots that promise a form. */
export const buttonWord = (button: Part): string => wordsOf(button.text, String).replace(/…$/, "")

/** A control character of a hostile name does not reach the terminal. */
const framed = (title: string, body: ReadonlyArray<string>): string =>
  [title, ...body.flatMap((text) => text.split("\n")).map((line) => `│ ${line}`)]
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}]/gu, "\uFFFD"))
    .join("\n")

const lines = (blocks: ReadonlyArray<Part>, nameOf: NameOf): ReadonlyArray<string> =>
  blocks.flatMap((block): ReadonlyArray<string> => {
    switch (block.type) {
      case "header":
        return [`*${wordsOf(block.text, nameOf)}*`, ""]
      case "context":
        return [(block.elements ?? []).map((it) => wordsOf(it, nameOf)).join(" ")]
      case "actions":
        return [(block.elements ?? []).map((it) => `[${wordsOf(it.text, nameOf)}]`).join("  ")]
      case "input":
        return [`${wordsOf(block.label, nameOf)}`, `  ${fieldText(block, nameOf)}`]
      case "divider":
        return ["―――"]
      default:
        return [wordsOf(block.text, nameOf)]
    }
  })

const fieldText = ({ block_id: id = "", element, optional }: Part, nameOf: NameOf): string => {
  const choices = (element?.options ?? []).map(({ text }) => wordsOf(text, nameOf))
  const kind =
    choices.length > 0
      ? `one of ${choices.join(", ")}`
      : element?.type === "multi_external_select"
        ? "names or ids of keys, with commas"
        : "text"
  return `${id}=[ ${kind} ]${optional === true ? " (may stay empty)" : ""}`
}

const wordsOf = (part: Part | string | undefined, nameOf: NameOf): string => {
  if (part === undefined) return ""
  if (typeof part === "string") return part
  const text = part.text
  if (typeof text !== "string") return wordsOf(text, nameOf)
  return part.type === "mrkdwn" ? markupText(text, nameOf) : text
}

/** Markup as people see it: mentions and links by their names, the three escaped characters as themselves. */
const markupText = (text: string, nameOf: NameOf): string =>
  text
    .replaceAll(/<@([A-Z0-9]+)>/g, (_, user: string) => `@${nameOf(user)}`)
    .replaceAll(/<!(\w+)[^>]*>/g, "@$1 (EVERYBODY IS CALLED)")
    .replaceAll(/<([^<>|]+)\|([^<>]+)>/g, "$2 ($1)")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
