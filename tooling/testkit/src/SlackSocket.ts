import { createHash, randomUUID } from "node:crypto"
import { createServer, type IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"

/** How the app acknowledged an envelope: the payload that it gave with it. */
export interface Acknowledged {
  readonly status: number
  readonly body: string
}

/** Slack's end of Socket Mode: an app opens a WebSocket to it, and each thing that happens comes as an envelope. */
export interface SlackSocket {
  /** What `apps.connections.open` gives; good for one connection. */
  readonly open: () => string
  /** How many connections are open. */
  readonly connections: () => number
  /** Sends an envelope over one connection, the newest unless another is named, and waits for its acknowledgement. */
  readonly deliver: (type: string, payload: unknown, to?: { readonly connection?: number }) => Promise<Acknowledged>
  /** Ends every connection: as Slack does when it moves them, or as a network does. */
  readonly drop: (how: "asked" | "cut") => void
  readonly close: () => Promise<void>
}

/** Slack waits so long for an acknowledgement. */
const patienceMillis = 3000

export const startSocket = async (): Promise<SlackSocket> => {
  const tickets = new Set<string>()
  const open = new Set<Duplex>()
  const waiting = new Map<string, (payload: unknown) => void>()
  const server = createServer((_, response) => void response.writeHead(404).end())
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? ""
    if (!tickets.delete(ticket)) {
      socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n")
      return
    }
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${acceptSuffix}`).digest("base64")
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
    )
    open.add(socket)
    socket.on("close", () => open.delete(socket))
    socket.on("error", () => socket.destroy())
    readFrames(socket, (text) => {
      const { envelope_id: id, payload }: { envelope_id?: string; payload?: unknown } = JSON.parse(text)
      waiting.get(id ?? "")?.(payload)
    })
    send(socket, { type: "hello", num_connections: open.size })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    open: () => {
      const ticket = randomUUID()
      tickets.add(ticket)
      return `ws://127.0.0.1:${port}/link?ticket=${ticket}`
    },
    connections: () => open.size,
    deliver: (type, payload, to = {}) => {
      const socket = [...open].at(to.connection ?? -1)
      if (socket === undefined) return Promise.resolve({ status: 503, body: "" })
      const id = randomUUID()
      return new Promise((resolve) => {
        const over = (reply: Acknowledged) => {
          clearTimeout(timer)
          waiting.delete(id)
          resolve(reply)
        }
        const timer = setTimeout(() => over({ status: 504, body: "" }), patienceMillis)
        waiting.set(id, (answer) => {
          const text = JSON.stringify(answer ?? {})
          over({ status: 200, body: text === "{}" ? "" : text })
        })
        send(socket, { type, envelope_id: id, payload, accepts_response_payload: true })
      })
    },
    drop: (how) => {
      for (const socket of open) {
        if (how === "cut") socket.destroy()
        else send(socket, { type: "disconnect", reason: "refresh_requested" })
      }
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

/** RFC 6455, section 1.3. */
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 }

const send = (socket: Duplex, message: unknown) =>
  socket.write(frame(opcodes.text, Buffer.from(JSON.stringify(message))))

/** Unmasked and whole, as a server sends it. */
const frame = (opcode: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  head[1] = body.length < 126 ? body.length : body.length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(body.length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2)
  return Buffer.concat([head, body])
}

/** A client masks what it sends; what it sends here is never split over several frames. */
const readFrames = (socket: Duplex, onText: (text: string) => void) => {
  let buffered = Buffer.alloc(0)
  socket.on("data", (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk])
    for (;;) {
      if (buffered.length < 2) return
      const short = (buffered[1] ?? 0) & 0x7f
      const start = short < 126 ? 2 : short === 126 ? 4 : 10
      if (buffered.length < start + 4) return
      const size = short < 126 ? short : short === 126 ? buffered.readUInt16BE(2) : Number(buffered.readBigUInt64BE(2))
      if (buffered.length < start + 4 + size) return
      const mask = buffered.subarray(start, start + 4)
      const body = Buffer.from(
        buffered.subarray(start + 4, start + 4 + size).map((byte, at) => byte ^ (mask[at % 4] ?? 0))
      )
      const opcode = (buffered[0] ?? 0) & 0x0f
      buffered = buffered.subarray(start + 4 + size)
      if (opcode === opcodes.text) onText(body.toString("utf8"))
      if (opcode === opcodes.ping) socket.write(frame(opcodes.pong, body))
      if (opcode === opcodes.close) socket.end(frame(opcodes.close, body))
    }
  })
}
