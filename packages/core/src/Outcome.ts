import { Cause, Exit, Option, type Schema } from "effect"
import { type ApiError, isInDoubt } from "./ApiError.ts"
import type { CallOutcome } from "./Journal.ts"
import { decodeBody } from "./JsonBody.ts"
import { apiErrorOf } from "./Reply.ts"
import type { Exchange } from "./Transport.ts"

/**
 * What the journal says of one request whose success has a body of `schema`. It decides as callers will decide: a
 * success that makes no sense is `unknown`, because it does not say what was done.
 */
export const outcomeOf =
  <A, I>(schema: Schema.Schema<A, I>, more: (reply: A) => Omit<CallOutcome, "result"> = () => ({})) =>
  (exit: Exit.Exit<Exchange, ApiError>): CallOutcome =>
    Exit.match(exit, {
      onFailure: (cause) => ({
        result: "unknown",
        detail: Option.match(Cause.failureOption(cause), {
          onNone: () => "stopped before a reply was in",
          onSome: (error) => error.message
        })
      }),
      onSuccess: (exchange) => {
        if (exchange.status >= 200 && exchange.status < 300) {
          return Option.match(decodeBody(schema, exchange.body), {
            onNone: (): CallOutcome => ({ result: "unknown", detail: "the reply made no sense" }),
            onSome: (reply) => ({ result: "done", ...more(reply) })
          })
        }
        const error = apiErrorOf(exchange)
        if (error._tag === "KeyNotFound") return { result: "gone", detail: error.message }
        return { result: isInDoubt(error) ? "unknown" : "refused", detail: error.message }
      }
    })
