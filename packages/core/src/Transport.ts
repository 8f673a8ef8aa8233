import { FetchHttpClient, Headers, HttpClient, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { Context, DateTime, Duration, Effect, Layer, Option, type Redacted, Schema } from "effect"
import { Account } from "./Account.ts"
import { ApiUnavailable, type ApiError, UnexpectedResponse } from "./ApiError.ts"
import { boundedText } from "./BoundedText.ts"
import type { CallName, Route } from "./Calls.ts"
import { decodeBody } from "./JsonBody.ts"
import type { Paced } from "./Paced.ts"
import { Pacer, type PacerError } from "./Pacer.ts"
import { apiErrorOf, cooldownOf, rateHeadersOf } from "./Reply.ts"
import { afterLockOut } from "./RetryPolicy.ts"

export interface Exchange extends Paced {
  readonly call: CallName
  readonly status: number
  readonly body: string
  /** The server's clock, from `Date`; `null` where the header is missing or no date. */
  readonly date: DateTime.Utc | null
}

export interface Outgoing {
  readonly call: CallName
  readonly route: Route
  /** Route with its `{key}` filled in, where it has one. */
  readonly path: string
  readonly body?: unknown
  /** Instead of the master key. Printable ASCII only. */
  readonly bearer?: Redacted.Redacted
}

/**
 * One request: slot of the pacer, bearer, time-out, bounded body, no redirect. `around` runs inside the slot, as close
 * to the socket as anything gets: that is where a journal records what is about to be sent.
 */
export class Transport extends Context.Tag("@keysweep/core/Transport")<
  Transport,
  {
    readonly send: <E extends { readonly _tag: string } = never>(
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

        const exchange = Effect.fn("Transport.exchange")(
          function* (outgoing: Outgoing) {
            const request = HttpClientRequest.make(outgoing.route.method)(`${account.baseUrl}${outgoing.path}`).pipe(
              HttpClientRequest.bearerToken(outgoing.bearer ?? account.masterKey),
              HttpClientRequest.setHeaders({ accept: "application/json", "user-agent": options.userAgent })
            )
            const response = yield* client.execute(
              outgoing.body === undefined ? request : HttpClientRequest.bodyUnsafeJson(request, outgoing.body)
            )
            const body = yield* boundedText(response, maxBody)
            return replyOf(outgoing, response, body, account.timeScale)
          },
          (effect, { call, route }) =>
            effect.pipe(
              // A `fetch` follows redirects unless it is told not to: a DELETE too, and to another path.
              Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
              // A journal lets nobody interrupt between intent and outcome; the time-out must be able to, even there.
              Effect.interruptible,
              Effect.timeoutFail({
                duration: options.requestTimeout,
                onTimeout: () => noAnswer(call, "timeout", `no reply within ${Duration.format(options.requestTimeout)}`)
              }),
              Effect.catchTags({
                RequestError: (error) => Effect.fail(noConnection(call, error)),
                ResponseError: () => Effect.fail(noAnswer(call, "network", "the reply broke off")),
                BodyTooLarge: () => Effect.fail(noAnswer(call, "network", "the reply is larger than any list of keys"))
              }),
              // A client's defect would go on to be printed, with the request in it.
              Effect.catchAllDefect(() => Effect.fail(noAnswer(call, "network", "the HTTP client failed"))),
              Effect.annotateSpans("call", call),
              Effect.timed,
              Effect.tap(([took, { status }]) =>
                Effect.logDebug(`${route.method} ${call}: ${status} in ${Math.ceil(Duration.toMillis(took))} ms`)
              ),
              Effect.map(([, reply]) => reply),
              Effect.tapError((error) => Effect.logDebug(`${route.method} ${call}: ${error.message}`))
            )
        )

        return Transport.of({
          send: (outgoing, around) =>
            pacer.paced(exchange(outgoing), around).pipe(
              Effect.filterOrFail(({ status }) => status >= 200 && status < 300, apiErrorOf),
              (it) => (decidedAnew.includes(outgoing.call) ? it : Effect.retry(it, afterLockOut)),
              Effect.withSpan("Transport.send", { attributes: { call: outgoing.call } })
            )
        })
      })
    )
}

/** Not sent again after a lock-out of minutes, in which the account may have changed: what these do must be decided anew. */
const decidedAnew: ReadonlyArray<CallName> = ["toggle", "delete-all", "regenerate"]

/** 32 MiB: a list of 100 keys, the largest that any plan allows, is far below 1 MiB. */
const maxBody = 32 * 1024 * 1024

const replyOf = (
  { call, bearer }: Outgoing,
  response: HttpClientResponse.HttpClientResponse,
  body: string,
  timeScale: number
): Exchange => {
  const header = (name: string) => Headers.get(response.headers, name)
  return {
    call,
    status: response.status,
    body,
    // Effect reads no zone called GMT, the only one that the header may have.
    date: Option.getOrNull(Option.flatMap(header("date"), (text) => DateTime.make(text.replace(/ GMT$/, "Z")))),
    // Whether another key shares the master key's window is not documented.
    rate: bearer === undefined ? rateHeadersOf(header) : Option.none(),
    cooldown: response.status === 429 ? Option.some(cooldownOf(header, body) / timeScale) : Option.none()
  }
}

const noAnswer = (call: CallName, reason: ApiUnavailable["reason"], detail: string): ApiUnavailable =>
  new ApiUnavailable({ call, reason, detail })

/** The system's error code (`ECONNREFUSED`) and nothing else: a transport's own error holds the request. */
const noConnection = (call: CallName, error: { readonly cause?: unknown }): ApiUnavailable => {
  const { code } = Option.getOrElse(
    Option.orElse(systemCode(error.cause), () => systemCode(innerCause(error.cause))),
    () => ({ code: null })
  )
  const detail = code === null ? "the connection failed" : `the connection failed (${code})`
  return new ApiUnavailable({ call, reason: "network", detail, sent: code === null || !neverConnected.includes(code) })
}

/** Said of a connection that is begun, and of no other. */
const neverConnected: ReadonlyArray<string> = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]

const systemCode = Schema.decodeUnknownOption(
  Schema.Struct({ code: Schema.String.pipe(Schema.pattern(/^[A-Z0-9_]{1,40}$/)) })
)

/** `fetch` wraps the system's error in one of its own. */
const innerCause = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined

/** Decodes a success with a schema; the failure says that the answer made no sense, never what was in it. */
export const decodeReply =
  <A, I>(schema: Schema.Schema<A, I>) =>
  ({ call, status, body }: Exchange): Effect.Effect<A, UnexpectedResponse> =>
    Option.match(decodeBody(schema, body), {
      onNone: () => new UnexpectedResponse({ call, status, detail: "the body is not what the contract says" }),
      onSome: Effect.succeed
    })
