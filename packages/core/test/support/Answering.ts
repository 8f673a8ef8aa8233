import { HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, Layer } from "effect"
import { free } from "./TestServer.ts"

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: { readonly [name: string]: string }
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

/** An upstream that gives these answers, one after the other, the last one for ever; and what it was asked. */
export const answering = (first: ReadonlyArray<Answer>) => {
  let answers = first
  const asked: Array<Asked> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const { status, body, headers } = answers[Math.min(asked.length, answers.length - 1)] ?? { status: 500, body: "" }
      asked.push({
        method: request.method,
        path: url.pathname + url.search,
        authorization: request.headers["authorization"],
        body: request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      })
      return HttpClientResponse.fromWeb(
        request,
        new Response(status === 204 || status === 304 ? null : body, { status, headers: { ...free, ...headers } })
      )
    })
  )
  /** From now on these; what was asked so far is forgotten. */
  const change = (next: ReadonlyArray<Answer>) => {
    answers = next
    asked.length = 0
  }
  return { asked, change, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

export const ok = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) })
