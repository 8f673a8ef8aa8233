import { Effect, type Scope } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { SetupRefused, type SlackOptions } from "./Environment.ts"

/** Whether the process lives, and whether it could do something now: what `GET` of each path is answered. */
export type Health = ReadonlyMap<string, (response: ServerResponse) => void>

export const health = (ready: () => Promise<boolean>): Health =>
  new Map([
    ["/health", (response) => void response.writeHead(200).end("ok\n")],
    [
      "/ready",
      (response) => void ready().then((yes) => response.writeHead(yes ? 200 : 503).end(yes ? "ready\n" : "not ready\n"))
    ]
  ])

/** Serves these and nothing else until the scope ends; gives the port. */
export const serveHealth = (
  { host, port }: SlackOptions,
  routes: Health
): Effect.Effect<number, SetupRefused, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<Server, SetupRefused>((resume) => {
        const server = createServer((request, response) => {
          const answer = request.method === "GET" ? routes.get(pathOf(request) ?? "") : undefined
          if (answer === undefined) response.writeHead(404).end()
          else answer(response)
        })
        server.once("error", () => resume(new SetupRefused({ detail: `Cannot listen on port ${port}.` })))
        server.listen(port, host, () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeIdleConnections()
        })
    ),
    portOf
  )

export const portOf = (server: Pick<Server, "address">): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** Nothing where it is no path at all: whoever sends that must not end the process. */
export const pathOf = ({ url = "/" }: IncomingMessage): string | undefined =>
  URL.canParse(url, "http://localhost") ? new URL(url, "http://localhost").pathname : undefined
