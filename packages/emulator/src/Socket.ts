import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { Either } from "effect"
import type { Answer } from "./Answer.ts"
import { badGatewayPage, html, json } from "./Answer.ts"
import type { Received } from "./Call.ts"
import { control, controlPrefix } from "./Control.ts"
import type { EmulatorFailed } from "./EmulatorFailed.ts"
import type { Fault } from "./Faults.ts"
import type { Recorded } from "./RequestLog.ts"
import { refusal, refusalAnswer } from "./Refusal.ts"
import { parseTarget } from "./Target.ts"
import { answer } from "./Upstream.ts"
import { httpTime } from "./WallClock.ts"
import type { World } from "./World.ts"

/** Called after each request that may have changed something, before its reply is sent. */
export type Save = () => Either.Either<void, EmulatorFailed>

/** The emulator on a socket: records, reads bodies, and lets go wrong what the faults ask for. */
export const makeServer = (world: World, save: Save): Server => {
  /** What was done is kept before it is answered; what cannot be kept is not said to be done. */
  const kept = (answer: Answer): Answer =>
    Either.match(save(), { onLeft: (error) => json(500, { detail: error.detail }), onRight: () => answer })

  const server = createServer((request, response) => {
    const target = request.url ?? "/"
    if (isControl(target)) {
      readBody(request, response, (body) => {
        send(response, kept(control(request.method ?? "GET", controlName(target), body, world)))
      })
      return
    }
    const entry = world.requests.arrived(request.method ?? "GET", target, world.clock.now())
    const fault = world.faults.take(entry.method, target)
    if (fault?.kind === "drop-before") {
      request.socket.destroy()
      return
    }
    readBody(request, response, (body) => {
      const received = receivedFrom(request, body, fault)
      if (fault === undefined) reply(answer(received, world))
      else goWrong(fault, received)
    })

    const reply = (answer: Answer) => {
      const sent = kept(answer)
      entry.status = sent.status
      response.setHeader("date", httpTime(world.clock.now()))
      send(response, sent)
    }
    const goWrong = (fault: Fault, received: Received): void => {
      switch (fault.kind) {
        case "status":
          return reply(answer(received, world, statusAnswer(fault, world)))
        case "html":
          return reply(html(fault.status ?? 502, typeof fault.body === "string" ? fault.body : badGatewayPage))
        case "delay":
          // Held back, then handled as if it had only now arrived, even if the client has left meanwhile.
          setTimeout(() => reply(answer(received, world)), fault.ms).unref()
          return
        case "truncate": {
          const whole = kept(answer(received, world))
          entry.status = whole.status
          return sendHalf(response, whole)
        }
        case "drop-after":
          kept(answer(received, world))
          request.socket.destroy()
          return
        case "partial":
          return reply(answer(received, world))
        case "drop-before":
        case "hang":
          return
      }
    }
  })
  server.on("clientError", (error, socket) => refuseUnreadable(error, socket, world))
  // A client that keeps its connection for long must not be cut off in the middle of a test.
  server.keepAliveTimeout = 600_000
  server.requestTimeout = 0
  return server
}

const isControl = (target: string): boolean => parseTarget(target).path.startsWith(controlPrefix)
const controlName = (target: string): string => parseTarget(target).path.slice(controlPrefix.length)

const receivedFrom = (request: IncomingMessage, body: string, fault: Fault | undefined): Received => {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value])
  )
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    body,
    // The live service stands behind an edge, which names the caller in this header.
    address: headers["cf-connecting-ip"] ?? (request.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, ""),
    headers,
    stopAfter: fault?.kind === "partial" ? fault.skip : undefined
  }
}

const largestBody = 1_048_576

const readBody = (request: IncomingMessage, response: ServerResponse, then: (body: string) => void): void => {
  const chunks: Array<Buffer> = []
  let size = 0
  request.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (size <= largestBody) chunks.push(chunk)
  })
  request.on("end", () => {
    if (size > largestBody) send(response, json(413, { detail: "Request Entity Too Large" }))
    else then(Buffer.concat(chunks).toString("utf8"))
  })
}

const send = (response: ServerResponse, { status, headers, body }: Answer): void => {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) })
  response.end(body)
}

/** Promises the whole length, sends half of it, and cuts the connection. */
const sendHalf = (response: ServerResponse, { status, headers, body }: Answer): void => {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, "content-length": Math.max(1, bytes.length) })
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}

const statusAnswer = (fault: Fault, world: World): Answer => {
  const status = fault.status ?? 500
  if (fault.body === undefined) return refusalAnswer(refusal(status, defaultMessage(status)), world.switches)
  if (typeof fault.body !== "string") return json(status, fault.body)
  return { ...json(status, ""), body: fault.body }
}

const defaultMessage = (status: number): string =>
  status === 429 ? "Rate limit exceeded. Try again in 180 seconds." : "Internal server error"

/** What Node's parser refuses never becomes a request; it is recorded by its first line all the same. */
const refuseUnreadable = (error: Error, socket: Duplex, world: World): void => {
  const packet = "rawPacket" in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString("latin1") : ""
  const [, method, path] = /^([A-Z]+) ([^\r\n]*?)(?: HTTP\/[\d.]+)?\r?\n/.exec(packet) ?? []
  if (method !== undefined && path !== undefined) {
    const entry: Recorded = world.requests.arrived(method, path, world.clock.now())
    entry.status = 400
  }
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
  else socket.destroy()
}
