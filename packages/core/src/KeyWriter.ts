import { Context, Effect, Layer, Ref, type Schema } from "effect"
import { type ApiError, UnexpectedResponse } from "./ApiError.ts"
import { calls } from "./Calls.ts"
import type { Dialect } from "./Dialect.ts"
import { type CallIntent, type CallOutcome, Journal, type JournalError } from "./Journal.ts"
import { KeyReader } from "./KeyReader.ts"
import { addressKey } from "./KeyRoute.ts"
import type { KeySettings } from "./KeySettings.ts"
import { outcomeOf } from "./Outcome.ts"
import type { PacerError } from "./Pacer.ts"
import type { KeyId, ProxyKeySecret } from "./ProxyKey.ts"
import { repeatable } from "./RetryPolicy.ts"
import { decodeReply, type Outgoing, Transport } from "./Transport.ts"
import { settingsBody, WireMessage, WireToggled } from "./Wire.ts"

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
     * reading) is what is wanted. A flip is never repeated: after a lost reply or a lock-out the key is looked up, and
     * flipped only if it still has to be; a flip that went the wrong way (somebody else flipped too) is corrected at
     * once. A request that is given up and arrives later than that look-up is beyond this; the proof finds it.
     * Source: `proxy-toggle`.
     */
    readonly setActive: (
      dialect: Dialect,
      target: Target,
      state: { readonly active: boolean; readonly want: boolean }
    ) => Effect.Effect<"set" | "already", WriteError>
    /**
     * Replaces all settings of a key, at once: what is not said is lost, which is why the type asks for all of it. Use
     * and state stay; a raised allocation is taken from the balance, a lowered one returns. There is no protection
     * against a change by somebody else in between. Safe to repeat, and repeated when no answer came. The reply does
     * not show the key: look it up to confirm. Source: `proxy-update`.
     */
    readonly update: (dialect: Dialect, target: Target, settings: KeySettings) => Effect.Effect<void, WriteError>
  }
>() {
  static readonly layer = Layer.effect(
    KeyWriter,
    Effect.gen(function* () {
      const journal = yield* Journal
      const reader = yield* KeyReader
      const transport = yield* Transport

      const write = <A, I>(
        intent: CallIntent,
        outgoing: Outgoing,
        schema: Schema.Schema<A, I>,
        more?: (reply: A) => Omit<CallOutcome, "result">
      ): Effect.Effect<A, WriteError> =>
        transport
          .send(outgoing, (exchange) => journal.attempt(intent, exchange, outcomeOf(schema, more)))
          .pipe(Effect.flatMap(decodeReply(schema)))

      const remove = Effect.fn("KeyWriter.remove")(function* (dialect: Dialect, target: Target) {
        // A 404 after a lost reply is our own earlier attempt, which did arrive.
        const sentInDoubt = yield* Ref.make(false)
        return yield* addressKey(calls.remove, dialect, target.secret).pipe(
          Effect.flatMap((outgoing) => write({ call: "remove", key: target.id }, outgoing, WireMessage)),
          Effect.tapErrorTag("ApiUnavailable", () => Ref.set(sentInDoubt, true)),
          Effect.as("removed" as const),
          Effect.retry(repeatable),
          Effect.catchTag("KeyNotFound", () =>
            Effect.map(Ref.get(sentInDoubt), (doubt): "removed" | "gone" => (doubt ? "removed" : "gone"))
          )
        )
      })

      const update = Effect.fn("KeyWriter.update")((dialect: Dialect, target: Target, settings: KeySettings) =>
        addressKey(calls.update, dialect, target.secret, settingsBody(settings)).pipe(
          Effect.flatMap((outgoing) => write({ call: "update", key: target.id }, outgoing, WireMessage)),
          Effect.retry(repeatable),
          Effect.asVoid
        )
      )

      const flip = (dialect: Dialect, target: Target, want: boolean): Effect.Effect<Flipped, WriteError> =>
        addressKey(calls.toggle, dialect, target.secret).pipe(
          Effect.flatMap((outgoing) =>
            write({ call: "toggle", key: target.id, wantActive: want }, outgoing, WireToggled, ({ status }) => ({
              active: status
            }))
          ),
          Effect.map(({ status }) => ({ active: status, lost: null })),
          Effect.catchIf(isDoubtful, (lost) =>
            Effect.map(reader.lookup(dialect, target.secret), (held) => ({ active: held.key.active, lost }))
          )
        )

      const setActive = Effect.fn("KeyWriter.setActive")(function* (
        dialect: Dialect,
        target: Target,
        { active, want }: { readonly active: boolean; readonly want: boolean }
      ) {
        let now: Flipped = { active, lost: null }
        for (let flips = 0; now.active !== want; flips++) {
          if (flips === maxFlips) return yield* now.lost ?? notObeying(now.active)
          now = yield* flip(dialect, target, want)
        }
        return active === want ? "already" : "set"
      })

      return KeyWriter.of({ remove, setActive, update })
    })
  )
}

/** The state after a flip: what its reply said, or what a look-up showed after the reply was lost. */
interface Flipped {
  readonly active: boolean
  readonly lost: WriteError | null
}

/** Each is a new decision on a fresh state. */
const maxFlips = 8

/** After these the state must be read: a lost reply tells nothing, and after a lock-out of minutes it is old. */
const isDoubtful = (error: WriteError): boolean =>
  error._tag === "ApiUnavailable" || error._tag === "UnexpectedResponse" || error._tag === "RateLimited"

const notObeying = (active: boolean): UnexpectedResponse =>
  new UnexpectedResponse({
    call: "toggle",
    status: 200,
    detail: `after ${maxFlips} flips the key is still ${active ? "active" : "disabled"}: somebody else is switching it`
  })
