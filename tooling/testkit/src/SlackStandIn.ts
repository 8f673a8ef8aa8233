import { createEmulator } from "emulate"
import { optionProblems, type Part, viewProblems } from "./BlockLimits.ts"
import { type FrontState, type Message, type OpenView, startFront } from "./SlackFront.ts"
import { type SlackSocket, startSocket } from "./SlackSocket.ts"
import { type SignedRequest, signed } from "./SlackSignature.ts"

export interface SlackStandInOptions {
  /** People of the workspace, by their short names. */
  readonly people: ReadonlyArray<string>
  readonly channel?: string
}

/** How the app answered a request of Slack's. */
export interface AppReply {
  readonly status: number
  readonly body: string
}

/**
 * Slack, as far as an app with slash commands, buttons and modals can tell: `emulate` is the Web API, and what it lacks
 * is here: requests to the app, signed and over real HTTP; triggers; `response_url`s; the limits of Block Kit.
 */
export interface SlackStandIn extends FrontState {
  readonly token: string
  /** For Socket Mode. */
  readonly appToken: string
  readonly signingSecret: string
  /** For `SLACK_API_URL`; ends in `/api/`. */
  readonly apiUrl: string
  /** A channel that the app is in. */
  readonly channel: string
  /** The short names that were given. */
  readonly people: ReadonlyArray<string>
  /** The user id of one of the people. */
  readonly user: (name: string) => string
  /** Slack's end of Socket Mode. */
  readonly socket: SlackSocket
  /** Where the app listens: its whole Request URL. Until it is called, everything goes through the socket. */
  readonly connect: (appUrl: string) => void
  /** Types a slash command. */
  readonly command: (name: string, text: string) => Promise<AppReply>
  /** The form of a slash command, for {@link send} to send it in ways that Slack never would. */
  readonly commandForm: (name: string, text: string) => string
  /** Presses a button of a message, in the version that is given: an old version is a second click. */
  readonly press: (name: string, message: Message, actionId: string) => Promise<AppReply>
  /** Sends the modal that this person sees, with what they typed by `block_id`. It closes unless the app shows errors. */
  readonly submit: (name: string, typed?: Readonly<Record<string, string>>) => Promise<AppReply>
  /** Types into a field of that modal that the app gives the choices of. */
  readonly search: (name: string, typed: string) => Promise<ReadonlyArray<Part>>
  /** Closes the modal that this person sees. */
  readonly dismiss: (name: string) => Promise<void>
  /** Signs a form with the right secret and time, or with others. */
  readonly sign: (form: string, other?: { readonly secret?: string; readonly seconds?: number }) => SignedRequest
  readonly send: (request: SignedRequest) => Promise<AppReply>
  /** The newest version of each message. */
  readonly shown: () => ReadonlyArray<Message>
  /** Everything that the app ever said, as one text. */
  readonly said: () => string
  readonly close: () => Promise<void>
}

const token = "xoxb-practice-token"
const appToken = "xapp-practice-token"
const signingSecret = "practice-signing-secret"
const team = { id: "T000000001", domain: "practice" }
const app = "A000000001"

export const startSlack = async (options: SlackStandInOptions): Promise<SlackStandIn> => {
  const channelName = options.channel ?? "keys"
  const emulator = await createEmulator({
    service: "slack",
    port: 0,
    seed: {
      slack: {
        users: [{ name: "keysweep" }, ...options.people.map((name) => ({ name }))],
        channels: [{ name: channelName }],
        tokens: [{ token, user: "keysweep", app_id: app }]
      }
    }
  })
  const upstream = emulator.url.replace("localhost", "127.0.0.1")
  const ask = async <A>(method: string, fields: Readonly<Record<string, string>>): Promise<A> => {
    const reply = await fetch(`${upstream}/api/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(fields)
    })
    return JSON.parse(await reply.text())
  }
  const { members } = await ask<{ members: ReadonlyArray<{ id: string; name: string }> }>("users.list", {})
  const { channels } = await ask<{ channels: ReadonlyArray<{ id: string; name: string }> }>("conversations.list", {})
  const user = (name: string) => found(members.find((it) => it.name === name)?.id, `nobody is called ${name}`)
  const channel = found(channels.find((it) => it.name === channelName)?.id, "the channel was not made")

  const state: FrontState = {
    calls: [],
    messages: [],
    answers: [],
    files: [],
    userGroups: new Map(),
    uploads: new Map(),
    views: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    problems: [],
    faults: []
  }
  const socket = await startSocket()
  const front = await startFront({ upstream, token, appToken, open: socket.open }, state)
  let appUrl = ""

  const trigger = (name: string) => {
    const id = `trigger.${state.triggers.size + 1}`
    state.triggers.set(id, { user: user(name), used: false })
    return id
  }
  const responseUrl = (name: string) => {
    const id = String(state.responseUrls.size + 1)
    state.responseUrls.set(id, { user: user(name), used: 0 })
    return `${front.url}/response/${id}`
  }

  const sign: SlackStandIn["sign"] = (form, other = {}) =>
    signed(other.secret ?? signingSecret, other.seconds ?? Math.floor(Date.now() / 1000), form)
  const send: SlackStandIn["send"] = async (request) => {
    const reply = await fetch(appUrl, { method: "POST", headers: request.headers, body: request.body })
    return { status: reply.status, body: await reply.text() }
  }
  const payload = (value: unknown) =>
    appUrl === ""
      ? socket.deliver("interactive", value)
      : send(sign(new URLSearchParams({ payload: JSON.stringify(value) }).toString()))
  const person = (name: string) => ({ id: user(name), name, username: name, team_id: team.id })

  const commandForm: SlackStandIn["commandForm"] = (name, text) =>
    new URLSearchParams({
      team_id: team.id,
      team_domain: team.domain,
      channel_id: channel,
      channel_name: channelName,
      user_id: user(name),
      user_name: name,
      command: "/keysweep",
      // Slack escapes what people type, and nothing else.
      text: text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
      api_app_id: app,
      is_enterprise_install: "false",
      response_url: responseUrl(name),
      trigger_id: trigger(name)
    }).toString()

  const press: SlackStandIn["press"] = async (name, message, actionId) => {
    const elements = message.blocks.flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : []))
    const button = found(
      elements.find((it) => it.action_id === actionId),
      `the message has no button ${actionId}`
    )
    return payload({
      type: "block_actions",
      team,
      user: person(name),
      api_app_id: app,
      container: { type: "message", message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
      trigger_id: trigger(name),
      channel: { id: message.channel, name: channelName },
      message: { type: "message", ts: message.ts, text: message.text, blocks: message.blocks },
      response_url: responseUrl(name),
      actions: [{ ...button, type: "button", block_id: "actions", action_ts: message.ts }]
    })
  }

  const viewOf = (name: string) => found(state.views.get(user(name)), `${name} sees no modal`)
  const viewPayload = (name: string, type: string, view: OpenView, values: unknown) =>
    payload({
      type,
      team,
      user: person(name),
      api_app_id: app,
      trigger_id: trigger(name),
      view: { ...view, team_id: team.id, state: { values } },
      response_urls: []
    })

  /** By the modal: what somebody has seen once, Slack need not ask for again. */
  const offered = new Map<string, ReadonlyArray<Part>>()
  const search: SlackStandIn["search"] = async (name, typed) => {
    const view = viewOf(name)
    const block = found(
      (view.blocks ?? []).find(({ element }) => element?.type === "multi_external_select"),
      "the modal has no field with choices of the app"
    )
    const reply = await payload({
      type: "block_suggestion",
      team,
      user: person(name),
      api_app_id: app,
      action_id: block.element?.action_id,
      block_id: block.block_id,
      value: typed,
      container: { type: "view", view_id: view.id },
      view
    })
    if (reply.status !== 200) return []
    const { options }: { readonly options: ReadonlyArray<Part> } = JSON.parse(reply.body)
    state.problems.push(...optionProblems(options).map((problem) => `block_suggestion: ${problem}`))
    offered.set(view.id, [...(offered.get(view.id) ?? []), ...options])
    return options
  }

  const submit: SlackStandIn["submit"] = async (name, typed = {}) => {
    const view = viewOf(name)
    const pick = async (text: string) =>
      choice(offered.get(view.id) ?? [], text) ?? choice(await search(name, text), text)
    const reply = await viewPayload(name, "view_submission", view, await valuesOf(view, typed, pick))
    const answer: { readonly response_action?: string; readonly view?: Part } = JSON.parse(reply.body || "{}")
    if (answer.response_action === "update" && answer.view !== undefined) {
      state.problems.push(...viewProblems(answer.view).map((problem) => `view_submission: ${problem}`))
      state.views.set(user(name), { ...answer.view, id: view.id })
    } else if (answer.response_action !== "errors") state.views.delete(user(name))
    return reply
  }

  const dismiss: SlackStandIn["dismiss"] = async (name) => {
    const view = viewOf(name)
    state.views.delete(user(name))
    if (view.notify_on_close === true) await viewPayload(name, "view_closed", view, {})
  }

  return {
    ...state,
    token,
    appToken,
    signingSecret,
    apiUrl: `${front.url}/api/`,
    channel,
    people: options.people,
    user,
    connect: (url) => {
      appUrl = url
    },
    socket,
    command: (name, text) => {
      const form = commandForm(name, text)
      return appUrl === ""
        ? socket.deliver("slash_commands", Object.fromEntries(new URLSearchParams(form)))
        : send(sign(form))
    },
    commandForm,
    press,
    submit,
    search,
    dismiss,
    sign,
    send,
    shown: () => [...new Map(state.messages.map((message) => [message.ts, message])).values()],
    said: () =>
      JSON.stringify([
        state.calls.map(({ fields }) => ({ ...fields, token: "" })),
        state.answers.map(({ raw }) => raw)
      ]),
    close: async () => {
      await front.close()
      await socket.close()
      await emulator.close()
    }
  }
}

/** The state of a modal's inputs, as Slack sends it. What is chosen or ticked is named by its text, value or part of it. */
const valuesOf = async (view: Part, typed: Readonly<Record<string, string>>, pick: Pick) => {
  const values: Record<string, Record<string, unknown>> = {}
  for (const { block_id: block, element, type } of view.blocks ?? []) {
    if (type === "input" && block !== undefined && element?.action_id !== undefined)
      values[block] = { [element.action_id]: await stateOf(element, typed[block], pick) }
  }
  return values
}

/** One of the choices that the app gives. */
type Pick = (text: string) => Promise<Part | undefined>

const stateOf = async (element: Part, typed: string | undefined, pick: Pick) => {
  const { options = [], type } = element
  const chosen = (text: string) => found(choice(options, text), `there is no choice ${text}`)
  switch (type) {
    case "static_select":
      return { type, selected_option: typed === undefined ? null : chosen(typed) }
    case "checkboxes":
      return { type, selected_options: typed === undefined ? [] : [chosen(typed)] }
    case "multi_external_select": {
      const selected = []
      for (const text of (typed ?? "").split(",").filter(Boolean))
        selected.push(found(await pick(text.trim()), `there is no choice ${text}`))
      return { type, selected_options: selected }
    }
    default:
      return { type, value: typed ?? null }
  }
}

const choice = (options: ReadonlyArray<Part>, text: string): Part | undefined =>
  options.find((it) => it.value === text || textOf(it) === text) ?? options.find((it) => textOf(it).includes(text))

const textOf = ({ text }: Part): string => (typeof text === "string" ? text : text === undefined ? "" : textOf(text))

const found = <A>(value: A | undefined, problem: string): A => {
  if (value === undefined) throw new Error(problem)
  return value
}
