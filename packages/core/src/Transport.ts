import { Headers, HttpClient, HttpClientRequest, type HttpClientResponse, HttpIncomingMessage } from "@effect/platform"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { Account } from "./Account.ts"
import { ApiUnavailable, type ApiError, UnexpectedResponse } from "./ApiError.ts"
import type { CallName, Route } from "./Calls.ts"
import { Pacer, type Paced, type PacerError } from "./Pacer.ts"
import { apiErrorOf, cooldownOf, rateHeadersOf } from "./Reply.ts"

export interface Exchange extends Paced {
  readonly call: CallName
  readonly status: number
  readonly body: string
}

export interface Outgoing {
  readonly call: CallName
  readonly route: Route
  /** Route with its `{key}` filled in, where it has one. */
  readonly path: string
  readonly body?: unknown
}

/**
 * One request: slot of the pacer, bearer, time-out, bounded body, no redirect. `around` runs inside the slot, as close
 * to the socket as anything gets: that is where a journal records what is about to be sent.
 */
export class Transport extends Context.Tag("@keysweep/core/Transport")<
  Transport,
  {
    readonly send: <E = never>(
      outgoing: Outgoing,
      around?: (exchange: Effect.Effect<Exchange, ApiError>) => Effect.Effect<Exchange, ApiError | E>
    ) => Effect.Effect<Exchange, ApiError | PacerError | E>
  }
>() {
  static readonly layer = (options: { readonly userAgent: string; readonly requestTimeout: Duration.DurationInput }) =>
    Layer.effect(
      Transport,
      Effect.gen(function* () {
        const account = yield* Account
        const pacer = yield* Pacer
        // The spans of the HTTP client would hold the URL, which in the path dialect holds the key.
        const client = HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, () => true)

        const exchange = Effect.fn("Transport.exchange")(function* (outgoing: Outgoing) {
          const request = HttpClientRequest.make(outgoing.route.method)(`${account.baseUrl}${outgoing.path}`).pipe(
            HttpClientRequest.bearerToken(account.masterKey),
            HttpClientRequest.setHeaders({ accept: "application/json", "user-agent": options.userAgent })
          )
          const prepared =
            outgoing.body === undefined ? request : HttpClientRequest.bodyUnsafeJson(request, outgoing.body)
          return yield* client.execute(prepared).pipe(
            Effect.flatMap((response) => Effect.map(response.text, (body) => reply(outgoing.call, response, body))),
            HttpIncomingMessage.withMaxBodySize(Option.some(maxBody)),
            Effect.timeoutFail({
              duration: options.requestTimeout,
              onTimeout: () =>
                noAnswer(outgoing.call, "timeout", `no reply within ${Duration.format(options.requestTimeout)}`)
            }),
            Effect.catchTags({
              RequestError: (error) => Effect.fail(noAnswer(outgoing.call, "network", networkDetail(error))),
              ResponseError: () =>
                Effect.fail(noAnswer(outgoing.call, "network", "the reply broke off or is too large"))
            }),
            // Where the body could not be read the caller gets no exchange, and the pacer no headers.
            Effect.annotateSpans("call", outgoing.call)
          )
        })

        return Transport.of({
          send: (outgoing, around = (it) => it) =>
            pacer.paced(around(exchange(outgoing))).pipe(
              Effect.flatMap((it) =>
                it.status >= 200 && it.status < 300 ? Effect.succeed(it) : Effect.fail(apiErrorOf(it))
              ),
              Effect.withSpan("Transport.send", { attributes: { call: outgoing.call } })
            )
        })
      })
    )
}

/** 32 MiB: a list of 100 keys, the largest that any plan allows, is far below 1 MiB. */
const maxBody = 32 * 1024 * 1024

const reply = (call: CallName, response: HttpClientResponse.HttpClientResponse, body: string): Exchange => {
  const header = (name: string) => Headers.get(response.headers, name)
  return {
    call,
    status: response.status,
    body,
    rate: rateHeadersOf(header),
    cooldown: response.status === 429 ? Option.some(cooldownOf(header, body)) : Option.none()
  }
}

const noAnswer = (call: CallName, reason: ApiUnavailable["reason"], detail: string): ApiUnavailable =>
  new ApiUnavailable({ call, reason, detail })

/** The system's error code (`ECONNREFUSED`) and nothing else: a transport's own error holds the request. */
const networkDetail = (error: { readonly cause?: unknown }): string => {
  const code = Schema.decodeUnknownOption(
    Schema.Struct({ code: Schema.String.pipe(Schema.pattern(/^[A-Z0-9_]{1,40}$/)) })
  )(error.cause)
  return Option.match(code, {
    onNone: () => "the connection failed",
    onSome: ({ code }) => `the connection failed (${code})`
  })
}

/** Decodes a success with a schema; the failure says that the answer made no sense, never what was in it. */
export const decodeReply = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknown(Schema.parseJson(schema))
  return (exchange: Exchange): Effect.Effect<A, UnexpectedResponse> =>
    decode(exchange.body).pipe(
      Effect.mapError(
        () =>
          new UnexpectedResponse({
            call: exchange.call,
            status: exchange.status,
            detail: "the body is not what the contract says"
          })
      )
    )
}
