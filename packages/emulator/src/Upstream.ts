import { Either } from "effect"
import type { Answer } from "./Answer.ts"
import { challengePage, html, json, withHeaders } from "./Answer.ts"
import type { Handler, Received } from "./Call.ts"
import { callerOf } from "./Caller.ts"
import { fitsPath } from "./Faults.ts"
import { limit } from "./Limiter.ts"
import { invalidBody, refusalAnswer } from "./Refusal.ts"
import { parseJson } from "./RequestBody.ts"
import { makeRouter, type Route } from "./Router.ts"
import { routeTable } from "./routes/Table.ts"
import { parseTarget, quote } from "./Target.ts"
import type { World } from "./World.ts"

/**
 * One request to the upstream, answered at once: edge, limiter, route, body, caller, handler, in that order.
 *
 * `instead` stands in for route and handler: the fault `status` of a request that was counted all the same.
 */
export const answer = (received: Received, world: World, instead?: Answer): Answer => {
  if (isChallenged(received, world)) return withHeaders(html(403, challengePage), edgeHeaders)
  const limited = limit(received, callerOf(received.headers["authorization"], world.accounts), world)
  const reply =
    limited.refused === undefined
      ? (instead ?? routed(received, world))
      : refusalAnswer(limited.refused, world.switches)
  return withHeaders(reply, limited.headers)
}

const routed = (received: Received, world: World): Answer => {
  const target = parseTarget(received.target)
  const match = routerOf(world)(received.method, target.path)
  switch (match._tag) {
    case "NotFound":
      return json(404, { detail: "Not Found" })
    case "MethodNotAllowed":
      return withHeaders(json(405, { detail: "Method Not Allowed" }), { allow: match.allow })
    case "Redirect": {
      const host = received.headers["host"] ?? "127.0.0.1"
      return { status: 307, headers: { location: quote(`http://${host}${match.path}${target.query}`) }, body: "" }
    }
    case "Found":
      return handled(received, world, match.route, match.key)
  }
}

const handled = (received: Received, world: World, route: Route<Handler>, pathKey: string | undefined): Answer => {
  const raw = {
    text: route.takesBody === true ? received.body : "",
    contentType: received.headers["content-type"] ?? ""
  }
  const result = parseJson(raw).pipe(
    Either.mapLeft((issues) => invalidBody(issues, world.switches)),
    Either.flatMap((body) =>
      route.handler({
        received,
        caller: callerOf(received.headers["authorization"], world.accounts),
        world,
        body,
        pathKey
      })
    )
  )
  return Either.isRight(result) ? result.right : refusalAnswer(result.left, world.switches)
}

type Router = ReturnType<typeof makeRouter<Handler>>
const routers = new WeakMap<object, Router>()

/** Made once for each set of switches. */
const routerOf = ({ switches }: World): Router => {
  const known = routers.get(switches)
  if (known !== undefined) return known
  const router = makeRouter(routeTable(switches), switches)
  routers.set(switches, router)
  return router
}

const edgeHeaders = { server: "cloudflare", "cf-mitigated": "challenge" }

const isChallenged = (received: Received, { switches }: World): boolean => {
  const agent = (received.headers["user-agent"] ?? "").toLowerCase()
  return (
    switches.challengeAgent.some((text) => (text === "" ? agent === "" : agent.includes(text.toLowerCase()))) ||
    switches.challengePath.some((pattern) => fitsPath(pattern, fitting(received.target)))
  )
}

const fitting = (target: string): string => parseTarget(target).path.replace(/^\/v1(?=\/)/, "")
