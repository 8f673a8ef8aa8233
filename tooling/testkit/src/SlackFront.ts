import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { messageProblems, type Part, viewProblems } from "./BlockLimits.ts"

/** One call of Slack's Web API, as it came in. */
export interface ApiCall {
  readonly method: string
  readonly fields: Readonly<Record<string, string>>
}

/** One version of a message: a later one replaces it in the channel. */
export interface Message {
  readonly channel: string
  readonly ts: string
  /** The message that it was posted below. */
  readonly thread: string | null
  readonly text: string
  readonly blocks: ReadonlyArray<Part>
}

/** What was said to one person only, through the `response_url` of a command or a button. */
export interface PrivateAnswer {
  readonly user: string
  readonly text: string
  readonly blocks: ReadonlyArray<Part>
  /** As it came over the wire. */
  readonly raw: string
}

/** A file, below a message or in a conversation. */
export interface SharedFile {
  readonly name: string
  readonly channel: string
  readonly thread: string | null
  readonly text: string
}

export interface OpenView extends Part {
  readonly id: string
}

export interface FrontState {
  readonly calls: Array<ApiCall>
  readonly messages: Array<Message>
  readonly answers: Array<PrivateAnswer>
  readonly files: Array<SharedFile>
  /** The modal that each person sees. */
  readonly views: Map<string, OpenView>
  /** The person that each trigger is for. */
  readonly triggers: Map<string, { readonly user: string; used: boolean }>
  readonly responseUrls: Map<string, { readonly user: string; used: number }>
  /** Who is in each user group: user ids. */
  readonly userGroups: Map<string, ReadonlyArray<string>>
  /** What was sent to each address for a file. */
  readonly uploads: Map<string, string>
  /** What Slack would have refused about messages and modals. */
  readonly problems: Array<string>
  /** Answers to give instead of Slack's own, one a call. */
  readonly faults: Array<Fault>
}

export interface Fault {
  readonly method: string
  /** `reset`: the connection is cut instead of an answer; `hang`: there is none. */
  readonly status: number | "reset" | "hang"
  readonly retryAfter?: number
  /** Slack's own code; most of them come with status 200. */
  readonly error?: string
}

export interface FrontOptions {
  /** The emulated Web API. */
  readonly upstream: string
  readonly token: string
  readonly appToken: string
  /** The address of a connection of Socket Mode. */
  readonly open: () => string
}

export interface Front {
  /** Without a slash at the end. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** A response_url answers so many posts. */
const usesOfResponseUrl = 5

/**
 * Stands in front of the emulated Web API: passes calls on, remembers what was said, refuses unknown tokens and what breaks a
 * limit of Block Kit (the emulator takes both), and answers `response_url`s, which the emulator does not have.
 */
export const startFront = async (options: FrontOptions, state: FrontState): Promise<Front> => {
  const server = createServer((request, response) => {
    handle(options, state, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

const handle = async (
  { appToken, open, token, upstream }: FrontOptions,
  state: FrontState,
  request: IncomingMessage,
  response: ServerResponse
) => {
  const body = await text(request)
  const path = new URL(request.url ?? "/", "http://localhost").pathname
  const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value))

  const answer = /^\/response\/(.+)$/.exec(path)?.[1]
  if (answer !== undefined) return json(...respond(state, answer, body))

  if (path.startsWith("/upload/")) {
    state.uploads.set(path, body)
    const taken = await fetch(upstream + path, { method: "POST", body })
    return response.writeHead(taken.status).end()
  }

  const method = path.replace(/^\/api\//, "")
  const fields = fieldsOf(request.headers["content-type"] ?? "", body)
  state.calls.push({ method, fields })

  const needed = method === "apps.connections.open" ? appToken : token
  if (request.headers.authorization !== `Bearer ${needed}`) return json(200, { ok: false, error: "invalid_auth" })

  const fault = state.faults.findIndex((it) => it.method === method)
  if (fault >= 0) {
    const [it] = state.faults.splice(fault, 1)
    if (it?.status === "reset") return request.socket.destroy()
    if (it?.status === "hang") return
    return json(
      it?.status ?? 500,
      { ok: false, error: it?.error ?? "fault" },
      it?.retryAfter === undefined ? {} : { "retry-after": String(it.retryAfter) }
    )
  }

  if (method === "apps.connections.open") return json(200, { ok: true, url: open() })
  if (method === "usergroups.users.list") {
    const users = state.userGroups.get(fields["usergroup"] ?? "")
    return json(200, users === undefined ? { ok: false, error: "no_such_subteam" } : { ok: true, users })
  }

  const problems = problemsOf(method, fields)
  if (problems.length > 0) {
    state.problems.push(...problems.map((problem) => `${method}: ${problem}`))
    return json(200, { ok: false, error: "invalid_blocks", response_metadata: { messages: problems } })
  }

  const pass = (name: string, content: string, type = "application/json") =>
    fetch(`${upstream}/api/${name}`, {
      method: "POST",
      headers: { "content-type": type, authorization: `Bearer ${token}` },
      body: content
    })
  const trigger = method === "views.open" ? state.triggers.get(fields["trigger_id"] ?? "") : undefined
  if (trigger?.used === true) return json(200, { ok: false, error: "exchanged_trigger_id" })
  const reply = await (trigger === undefined
    ? pass(method, body, request.headers["content-type"])
    : pass(method, JSON.stringify({ view: fields["view"], trigger_id: await mint(trigger.user, pass) })))
  const result: Reply = JSON.parse(await reply.text())
  if (result.ok === true) remember(state, method, fields, result)
  // Through here, like everything else.
  const own = `http://${request.headers.host ?? ""}`
  return json(
    reply.status,
    result.upload_url === undefined ? result : { ...result, upload_url: own + new URL(result.upload_url).pathname }
  )
}

/** The emulator's own triggers live for three seconds, in which a busy machine may do nothing: ours wait for the call. */
const mint = async (user: string, pass: (name: string, content: string) => Promise<Response>): Promise<string> => {
  const reply = await pass("views.generateTriggerId", JSON.stringify({ user_id: user }))
  const { trigger_id: id }: Reply = JSON.parse(await reply.text())
  return id ?? ""
}

interface Reply {
  readonly ok?: boolean
  readonly trigger_id?: string
  readonly ts?: string
  readonly channel?: string
  readonly view?: OpenView
  readonly upload_url?: string
  readonly file_id?: string
}

const remember = (state: FrontState, method: string, fields: ApiCall["fields"], reply: Reply) => {
  if (method === "chat.postMessage" || method === "chat.update") {
    state.messages.push({
      channel: reply.channel ?? fields["channel"] ?? "",
      ts: reply.ts ?? fields["ts"] ?? "",
      thread: fields["thread_ts"] ?? null,
      text: fields["text"] ?? "",
      blocks: parts(fields["blocks"])
    })
  }
  if (method === "files.completeUploadExternal") {
    const sent: ReadonlyArray<{ readonly id: string; readonly title?: string }> = JSON.parse(fields["files"] ?? "[]")
    for (const { id, title = id } of sent) {
      const text = state.uploads.get(`/upload/v1/${id}`) ?? ""
      const thread = fields["thread_ts"] ?? null
      state.files.push({ name: title, channel: fields["channel_id"] ?? "", thread, text })
    }
  }
  if (method === "views.update") {
    const [user] = [...state.views].find(([, { id }]) => id === fields["view_id"]) ?? []
    if (user !== undefined) {
      const asked: Part = JSON.parse(fields["view"] ?? "{}")
      state.views.set(user, { ...asked, id: fields["view_id"] ?? "" })
    }
  }
  const trigger = state.triggers.get(fields["trigger_id"] ?? "")
  if (method === "views.open" && trigger !== undefined && reply.view !== undefined) {
    trigger.used = true
    const asked: Part = JSON.parse(fields["view"] ?? "{}")
    state.views.set(trigger.user, { ...asked, id: reply.view.id })
  }
}

const problemsOf = (method: string, fields: ApiCall["fields"]): ReadonlyArray<string> => {
  if (method === "chat.postMessage" || method === "chat.update")
    return messageProblems(fields["text"] ?? "", parts(fields["blocks"]))
  return method === "views.open" || method === "views.update" ? viewProblems(JSON.parse(fields["view"] ?? "{}")) : []
}

const respond = (state: FrontState, id: string, body: string): readonly [status: number, value: unknown] => {
  const known = state.responseUrls.get(id)
  if (known === undefined || known.used >= usesOfResponseUrl)
    return [404, { ok: false, error: known === undefined ? "no_url" : "used_url" }]
  known.used++
  const message: { readonly text?: string; readonly blocks?: ReadonlyArray<Part> } = JSON.parse(body)
  const problems = messageProblems(message.text ?? "", message.blocks ?? [])
  state.problems.push(...problems.map((problem) => `response_url: ${problem}`))
  state.answers.push({ user: known.user, text: message.text ?? "", blocks: message.blocks ?? [], raw: body })
  return problems.length > 0 ? [400, { ok: false, error: "invalid_blocks" }] : [200, { ok: true }]
}

const parts = (json: string | undefined): ReadonlyArray<Part> => (json === undefined ? [] : JSON.parse(json))

/** Slack takes forms and JSON alike; values that are structures travel in a form as JSON text. */
const fieldsOf = (type: string, body: string): ApiCall["fields"] => {
  if (!type.includes("json")) return Object.fromEntries(new URLSearchParams(body))
  const values: Readonly<Record<string, unknown>> = JSON.parse(body === "" ? "{}" : body)
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])
  )
}

const text = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString("utf8")
}
