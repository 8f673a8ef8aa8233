import type { Part } from "@keysweep/testkit/BlockLimits"
import type { Message } from "@keysweep/testkit/SlackFront"
import type { AppReply, SlackStandIn } from "@keysweep/testkit/SlackStandIn"
import { setTimeout as pause } from "node:timers/promises"
import { answerText, buttonWord, messageText, viewText } from "./SlackText.ts"

/** What somebody does in Slack. */
export type Deed =
  | { readonly kind: "say"; readonly text: string }
  /** The newest message that has the button, where no number is given. */
  | { readonly kind: "press"; readonly button: string; readonly message?: number | undefined }
  /** `field=value` each; a form with one field takes the value alone. */
  | { readonly kind: "fill"; readonly values: ReadonlyArray<string> }
  | { readonly kind: "look" }

/** It cannot be done in Slack either; the words say why. */
export class Impossible extends Error {}

/** Does it in the name of one of the people, and gives what they see then: everything that is new, once it rests. */
export const perform = async (slack: SlackStandIn, who: string, deed: Deed, restMillis: number): Promise<string> => {
  const user = userOf(slack, who)
  const nameOf = (id: string) => slack.people.find((name) => slack.user(name) === id) ?? id
  if (deed.kind === "look") {
    const view = slack.views.get(user)
    const all = [
      ...slack.shown().map((message, index) => messageText(message, index + 1, nameOf)),
      ...slack.answers.filter((it) => it.user === user).map((it) => answerText(it, nameOf)),
      ...(view === undefined ? [] : [viewText(view, nameOf(user), nameOf)])
    ]
    return all.length === 0 ? "Nothing has been said yet." : all.join("\n\n")
  }

  const before = { messages: slack.messages.length, answers: slack.answers.length, view: slack.views.get(user) }
  const reply = await act(slack, nameOf(user), deed)
  const errors = errorsOf(reply)
  if (reply.status !== 200) return `Slack says: the app did not do it (HTTP ${reply.status}).`
  if (errors !== null) return before.view === undefined ? "" : viewText(before.view, nameOf(user), nameOf, errors)

  const view = () => (slack.views.get(user) === before.view ? undefined : slack.views.get(user))
  const isNew = () =>
    slack.messages.length > before.messages || slack.answers.length > before.answers || view() !== undefined
  await rested(slack, isNew, restMillis)
  const changed = new Set(slack.messages.slice(before.messages).map(({ ts }) => ts))
  const form = view()
  const news = [
    ...slack
      .shown()
      .flatMap((message, index) => (changed.has(message.ts) ? [messageText(message, index + 1, nameOf)] : [])),
    ...slack.answers.slice(before.answers).map((it) => answerText(it, nameOf)),
    ...(form === undefined ? [] : [viewText(form, nameOf(user), nameOf)])
  ]
  return news.length === 0 ? "Nothing new is to be seen." : news.join("\n\n")
}

const act = (slack: SlackStandIn, name: string, deed: Exclude<Deed, { kind: "look" }>): Promise<AppReply> => {
  switch (deed.kind) {
    case "say": {
      const [command = "", text = ""] = /^(\S+)\s*(.*)$/s.exec(deed.text)?.slice(1) ?? []
      if (command !== "/keysweep") throw new Impossible("Only /keysweep … is heard by the bot.")
      return slack.command(name, text)
    }
    case "press": {
      const [message, button] = buttonOf(slack.shown(), deed)
      return slack.press(name, message, button.action_id ?? "")
    }
    case "fill": {
      const view = slack.views.get(slack.user(name))
      if (view === undefined) throw new Impossible(`${name} sees no form.`)
      return slack.submit(name, typedInto(view, deed.values))
    }
  }
}

/** `requester`, `U_REQUESTER` and the user id are the same person. */
const userOf = (slack: SlackStandIn, who: string): string => {
  const name = slack.people.find((it) => it === who.replace(/^U_/, "").toLowerCase() || slack.user(it) === who)
  if (name === undefined) throw new Impossible(`Nobody is called ${who}. There are: ${slack.people.join(", ")}.`)
  return slack.user(name)
}

const buttonOf = (
  shown: ReadonlyArray<Message>,
  { button, message }: Extract<Deed, { kind: "press" }>
): readonly [Message, Part] => {
  const wanted = button.replace(/…$/, "").toLowerCase()
  const all = shown
    .filter((_, index) => message === undefined || index + 1 === message)
    .flatMap((it) =>
      it.blocks
        .flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : []))
        .map((part) => [it, part] as const)
    )
  const found = all.filter(([, part]) => part.action_id === wanted || buttonWord(part).toLowerCase() === wanted).at(-1)
  if (found !== undefined) return found
  const there = [...new Set(all.map(([, part]) => buttonWord(part)))]
  throw new Impossible(
    `No message has the button ${button}. ${there.length === 0 ? "There is no button at all." : `There are: ${there.join(", ")}.`}`
  )
}

const typedInto = (view: Part, values: ReadonlyArray<string>): Readonly<Record<string, string>> => {
  const fields = (view.blocks ?? []).flatMap(({ block_id: id, type }) =>
    type === "input" && id !== undefined ? [id] : []
  )
  const [only] = fields
  const [value] = values
  const isNamed = fields.some((field) => value?.startsWith(`${field}=`))
  if (only !== undefined && fields.length === 1 && values.length === 1 && !isNamed) return { [only]: value ?? "" }
  return Object.fromEntries(
    values.map((pair) => {
      const [field = "", typed = ""] = /^(\w+)=(.*)$/s.exec(pair)?.slice(1) ?? []
      if (!fields.includes(field))
        throw new Impossible(`The form has no field for ${pair}. It has: ${fields.join(", ")}.`)
      return [field, typed]
    })
  )
}

const errorsOf = ({ body }: AppReply): Readonly<Record<string, string>> | null => {
  if (!body.includes('"errors"')) return null
  const answer: { readonly errors?: Readonly<Record<string, string>> } = JSON.parse(body)
  return answer.errors ?? null
}

/** The bot answers Slack first and works then: until nothing more was said for a while, or nothing comes at all. */
const rested = async (slack: SlackStandIn, isNew: () => boolean, restMillis: number): Promise<void> => {
  const count = () => slack.calls.length + slack.answers.length
  const step = 50
  let last = count()
  for (let still = 0, all = 0; all < 60_000 && still < (isNew() ? restMillis : 10_000); all += step) {
    await pause(step)
    still = count() === last ? still + step : 0
    last = count()
  }
}
