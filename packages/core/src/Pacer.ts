import { Clock, Context, Effect, Layer, Option, PubSub, Random, Schema, Stream } from "effect"
import { Account } from "./Account.ts"
import * as PacerState from "./PacerState.ts"
import { PacerStore, type PacerStoreUnavailable } from "./PacerStore.ts"

/** Waiting for the next permitted request would take longer than the caller allows. Nothing was sent; resumable. */
export class DeadlineReached extends Schema.TaggedError<DeadlineReached>()("DeadlineReached", {
  /** Milliseconds until the next permitted request. */
  waitMillis: Schema.Number
}) {
  override get message(): string {
    return `The next request is permitted only in ${Math.ceil(this.waitMillis / 1000)} s, after the deadline`
  }
}

export type PacerError = PacerStoreUnavailable | DeadlineReached

/** What a reply tells the pacer. */
export interface Paced {
  readonly rate: Option.Option<PacerState.RateHeaders>
  /** Milliseconds of lock-out that a 429 started, in the upstream's own (unscaled) time. */
  readonly cooldown: Option.Option<number>
}

/** A wait that has begun, for people who look at it. */
export interface PacerWait extends PacerState.Wait {
  readonly began: number
}

/**
 * Decides when the next request may go: never without a slot, never in a known cooldown, as early as that allows.
 * One per account and process; processes share what they know through the `PacerStore`.
 */
export class Pacer extends Context.Tag("@keysweep/core/Pacer")<
  Pacer,
  {
    /** Waits for a slot, reserves it durably, sends once, and settles the slot with what the reply said. */
    readonly paced: <A extends Paced, E, R>(send: Effect.Effect<A, E, R>) => Effect.Effect<A, E | PacerError, R>
    /** Milliseconds until the last of so many further requests may go. */
    readonly estimate: (requests: number) => Effect.Effect<number, PacerStoreUnavailable>
    /** Whether so many requests may go at once, now. */
    readonly roomFor: (requests: number) => Effect.Effect<boolean, PacerStoreUnavailable>
    readonly state: Effect.Effect<PacerState.PacerState, PacerStoreUnavailable>
    /** Every wait as it begins. */
    readonly waits: Stream.Stream<PacerWait>
  }
>() {
  /** `requestTimeout` and `deadline` in milliseconds; the deadline is a moment (Unix milliseconds). */
  static readonly layer = (options: { readonly requestTimeout: number; readonly deadline?: number }) =>
    Layer.scoped(
      Pacer,
      Effect.gen(function* () {
        const account = yield* Account
        const store = yield* PacerStore
        const begun = yield* Effect.acquireRelease(PubSub.sliding<PacerWait>(16), PubSub.shutdown)
        const rules = PacerState.rules({ ...account, requestTimeout: options.requestTimeout })
        const modify = <A>(change: (state: PacerState.PacerState) => readonly [A, PacerState.PacerState]) =>
          store.modify(account.credential, change)

        const slot: Effect.Effect<string, PacerError> = Effect.gen(function* () {
          const id = `${yield* Random.nextIntBetween(0, 2 ** 31)}-${yield* Random.nextIntBetween(0, 2 ** 31)}`
          while (true) {
            const now = yield* Clock.currentTimeMillis
            const answer = yield* modify((state) => {
              const reservation = PacerState.reserve(state, rules, id, now)
              return [reservation, reservation.state]
            })
            if (answer.granted) return id
            const { until } = answer.wait
            if (options.deadline !== undefined && until > options.deadline) {
              return yield* new DeadlineReached({ waitMillis: until - now })
            }
            if (answer.wait.reason !== "first reply") yield* PubSub.publish(begun, { ...answer.wait, began: now })
            yield* Effect.sleep(Math.max(1, until - now))
          }
        })

        const settle = (id: string, reply: Paced) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            modify((state) => {
              const settled = PacerState.settle(state, rules, id, now, reply.rate)
              const next = Option.match(reply.cooldown, {
                onNone: () => settled,
                onSome: (cooldown) => PacerState.lockedOut(settled, rules, now, cooldown / account.timeScale)
              })
              return [undefined, next]
            })
          )

        const noReply: Paced = { rate: Option.none(), cooldown: Option.none() }
        return Pacer.of({
          paced: (send) =>
            Effect.flatMap(slot, (id) =>
              send.pipe(
                Effect.tap((reply) => settle(id, reply)),
                Effect.tapError(() => Effect.ignore(settle(id, noReply)))
              )
            ).pipe(Effect.withSpan("Pacer.paced")),
          estimate: (requests) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) =>
              modify((state) => [PacerState.estimate(state, rules, requests, now), state])
            ),
          roomFor: (requests) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) =>
              modify((state) => [PacerState.estimate(state, rules, requests, now) === 0, state])
            ),
          state: modify((state) => [state, state]),
          waits: Stream.fromPubSub(begun)
        })
      })
    )
}
