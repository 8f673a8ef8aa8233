import { Effect } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"

export interface StandInRequest {
  readonly method: string
  readonly path: string
  readonly body: string
}

type Answer = (request: StandInRequest, reply: ServerResponse) => boolean

/**
 * GitHub's side of a secret, on a real socket: it gives a public key and opens what it is sent with the other half.
 * `faults` are asked first, and say whether they have answered.
 */
export const startGitHub = Effect.acquireRelease(
  Effect.promise(async () => {
    const { default: sodium } = await import("libsodium-wrappers")
    await sodium.ready
    const pair = sodium.crypto_box_keypair()
    const secrets = new Map<string, string>()
    const bodies = new Map<string, Record<string, unknown>>()
    const requests: Array<StandInRequest> = []
    const faults: Array<Answer> = []

    const put = ({ body, path }: StandInRequest, reply: ServerResponse) => {
      const { encrypted_value: sealed, key_id: keyId, ...more } = JSON.parse(body)
      if (keyId !== "key-1" || typeof sealed !== "string") return json(reply, 422, { message: "Bad request" })
      const known = secrets.has(path)
      const box = sodium.from_base64(sealed, sodium.base64_variants.ORIGINAL)
      secrets.set(path, sodium.to_string(sodium.crypto_box_seal_open(box, pair.publicKey, pair.privateKey)))
      bodies.set(path, more)
      return json(reply, known ? 204 : 201)
    }

    const answer: Answer = (request, reply) => {
      const { method, path } = request
      if (faults.some((fault) => fault(request, reply))) return true
      if (method === "PUT") return put(request, reply)
      if (path.endsWith("/public-key")) {
        const key = sodium.to_base64(pair.publicKey, sodium.base64_variants.ORIGINAL)
        return json(reply, 200, { key_id: "key-1", key })
      }
      return json(reply, 404, { message: "Not Found" })
    }

    const server = createServer((incoming: IncomingMessage, reply) => {
      let body = ""
      incoming.on("data", (chunk) => (body += String(chunk)))
      incoming.on("end", () => {
        const request = { method: incoming.method ?? "", path: incoming.url ?? "", body }
        requests.push(request)
        if (incoming.headers.authorization === "Bearer token-of-nobody") answer(request, reply)
        else json(reply, 401, { message: "Bad credentials" })
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    const port = typeof address === "object" ? address?.port : undefined
    return { url: `http://127.0.0.1:${port}`, server, secrets, bodies, requests, faults, json }
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

const json = (reply: ServerResponse, status: number, body?: unknown, headers: Record<string, string> = {}): true => {
  reply.writeHead(status, { "content-type": "application/json", ...headers })
  reply.end(body === undefined ? undefined : JSON.stringify(body))
  return true
}
