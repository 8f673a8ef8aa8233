import { Context, Effect, Exit, Layer, Ref } from "effect"
import { type ApiError, isInDoubt, UnexpectedResponse } from "./ApiError.ts"
import { calls } from "./Calls.ts"
import type { Dialect } from "./Dialect.ts"
import { type CallIntent, type CallOutcome, Journal, type JournalError } from "./Journal.ts"
import { KeyReader } from "./KeyReader.ts"
import { addressKey } from "./KeyRoute.ts"
import type { PacerError } from "./Pacer.ts"
import type { KeyId, ProxyKeySecret } from "./ProxyKey.ts"
import { apiErrorOf } from "./Reply.ts"
import { repeatable } from "./RetryPolicy.ts"
import { decodeReply, type Exchange, type Outgoing, Transport } from "./Transport.ts"
import { WireMessage, WireToggled } from "./Wire.ts"

export type WriteError = ApiError | PacerError | JournalError

/** A key to act on: its id for people and the log, its secret for the wire. */
export interface Target {
  readonly id: KeyId
  readonly secret: ProxyKeySecret
}

/**
 * Writes that name one key. It exists only with a journal: each request's intent is durable before it leaves, its
 * outcome after.
 */
export class KeyWriter extends Context.Tag("@keysweep/core/KeyWriter")<
  KeyWriter,
  {
    /**
     * Deletes one key, at once and for good; its unused credit returns to the account's balance. Safe to repeat, and
     * repeated when no answer came. `gone`: the upstream did not know the key (any more), which only a fresh list can
     * tell from a missing route. Source: `proxy-delete`.
     */
    readonly remove: (dialect: Dialect, target: Target) => Effect.Effect<"removed" | "gone", WriteError>
    /**
     * Brings a key to a state over the upstream's toggle, which only flips. Sends nothing when `active` (from a fresh
     * reading) is what is wanted. A flip is never repeated; after a lost reply the key is looked up, and a flip that
     * went the wrong way (somebody else flipped too) is corrected at once. Source: `proxy-toggle`.
     */
    readonly setActive: (
      dialect: Dialect,
      target: Target,
      state: { readonly active: boolean; readonly want: boolean }
    ) => Effect.Effect<"set" | "already", WriteError>
  }
>() {
  static readonly layer = Layer.effect(
    KeyWriter,
    Effect.gen(function* () {
      const journal = yield* Journal
      const reader = yield* KeyReader
      const transport = yield* Transport

      const write = (intent: CallIntent, outgoing: Outgoing) =>
        transport.send(outgoing, (exchange) => journal.attempt(intent, exchange, outcomeOf))

      const remove = Effect.fn("KeyWriter.remove")(function* (dialect: Dialect, target: Target) {
        // A 404 after a lost reply is our own earlier attempt, which did arrive.
        const sentInDoubt = yield* Ref.make(false)
        return yield* addressKey(calls.remove, dialect, target.secret).pipe(
          Effect.flatMap((outgoing) => write({ call: "remove", key: target.id }, outgoing)),
          Effect.flatMap(decodeReply(WireMessage)),
          Effect.tapErrorTag("ApiUnavailable", () => Ref.set(sentInDoubt, true)),
          Effect.as("removed" as const),
          Effect.retry(repeatable),
          Effect.catchTag("KeyNotFound", () =>
            Effect.map(Ref.get(sentInDoubt), (doubt): "removed" | "gone" => (doubt ? "removed" : "gone"))
          )
        )
      })

      const flip = (dialect: Dialect, target: Target, want: boolean): Effect.Effect<boolean, WriteError> =>
        addressKey(calls.toggle, dialect, target.secret).pipe(
          Effect.flatMap((outgoing) => write({ call: "toggle", key: target.id, wantActive: want }, outgoing)),
          Effect.flatMap(decodeReply(WireToggled)),
          Effect.map(({ status }) => status),
          Effect.catchIf(isDoubtful, () => Effect.map(reader.lookup(dialect, target.secret), (held) => held.key.active))
        )

      const setActive = Effect.fn("KeyWriter.setActive")(function* (
        dialect: Dialect,
        target: Target,
        { active, want }: { readonly active: boolean; readonly want: boolean }
      ) {
        let now = active
        for (let flips = 0; now !== want; flips++) {
          if (flips === maxFlips) {
            return yield* new UnexpectedResponse({
              call: "toggle",
              status: 200,
              detail: `after ${maxFlips} flips the key is still ${now ? "active" : "disabled"}: somebody else is switching it`
            })
          }
          now = yield* flip(dialect, target, want)
        }
        return active === want ? "already" : "set"
      })

      return KeyWriter.of({ remove, setActive })
    })
  )
}

const maxFlips = 4

const isDoubtful = (error: WriteError): boolean =>
  (error._tag === "ApiUnavailable" || error._tag === "UnexpectedResponse") && isInDoubt(error)

/** What the journal says of one request. A status that is no success is decided as callers will decide it. */
export const outcomeOf = (exit: Exit.Exit<Exchange, ApiError>): CallOutcome =>
  Exit.match(exit, {
    onFailure: () => ({ result: "unknown" }),
    onSuccess: (exchange) => {
      if (exchange.status >= 200 && exchange.status < 300) return { result: "done" }
      const error = apiErrorOf(exchange)
      if (error._tag === "KeyNotFound") return { result: "gone", detail: error.message }
      return { result: isInDoubt(error) ? "unknown" : "refused", detail: error.message }
    }
  })
