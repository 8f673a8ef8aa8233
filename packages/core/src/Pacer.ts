import { Context, Effect, Layer, Option, PubSub, type Queue, Ref, type Scope } from "effect"
import * as PacerState from "./PacerState.ts"
import type { DeadlineReached, Paced, PacerWait } from "./Paced.ts"
import { makeSlots, newSlotId, steadyMillis } from "./PacerSlots.ts"
import type { PacerStoreUnavailable } from "./PacerStore.ts"

export type PacerError = PacerStoreUnavailable | DeadlineReached

/**
 * Decides when the next request may go: never without a slot, never in a known cooldown, as early as that allows.
 * One per account and process; processes share what they know through the `PacerStore`.
 */
export class Pacer extends Context.Tag("@keysweep/core/Pacer")<
  Pacer,
  {
    /**
     * Waits for a slot, reserves it durably, sends once, and settles the slot with what the reply said. `around` runs
     * inside the slot and runs `send` at most once; a slot whose `send` never ran is given back.
     */
    readonly paced: <A extends Paced, E, R, E2 = never>(
      send: Effect.Effect<A, E, R>,
      around?: (send: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E2, R>
    ) => Effect.Effect<A, E | E2 | PacerError, R>
    /**
     * Reserves so many slots in one step, waiting for all of them at once, and gives them to the requests of `use`.
     * Inside, nothing waits: a request that cannot go at once ends in `DeadlineReached`. Slots not used are given back.
     */
    readonly together: <A, E, R>(
      requests: number,
      use: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | PacerError, Exclude<R, Held>>
    /**
     * Milliseconds until the last of so many further requests has its reply, if nobody else uses the account. Replies
     * are expected to take as long as those of this process did, `concurrency` at a time.
     */
    readonly estimate: (requests: number, concurrency?: number) => Effect.Effect<number, PacerStoreUnavailable>
    /**
     * Waits until one request may go, by what this process knows; promises nothing. Whoever has much to do beside a
     * request waits here first: what is half done is held in memory meanwhile.
     */
    readonly room: Effect.Effect<void>
    /** Whether so many requests may go at once, now. Others may take the room at any moment; see `together`. */
    readonly roomFor: (requests: number) => Effect.Effect<boolean, PacerStoreUnavailable>
    /** As it is now: what no longer counts is left out, and a cooldown that is over is `null`. Unix milliseconds. */
    readonly state: Effect.Effect<PacerState.PacerState, PacerStoreUnavailable>
    /** Every wait as it begins, from now on. */
    readonly waits: Effect.Effect<Queue.Dequeue<PacerWait>, never, Scope.Scope>
  }
>() {
  /** `requestTimeout` and `deadline` in milliseconds; the deadline is a moment (Unix milliseconds). */
  static readonly layer = (options: { readonly requestTimeout: number; readonly deadline?: number }) =>
    Layer.scoped(
      Pacer,
      Effect.gen(function* () {
        const slots = yield* makeSlots(options)
        const latency = yield* Ref.make<number | null>(null)

        const fresh = (patience: number) =>
          Effect.flatMap(newSlotId, (id) => Effect.as(slots.reserve([id], patience), id))

        const fromHeld = (held: Ref.Ref<ReadonlyArray<string>>) =>
          Effect.flatMap(
            Ref.modify(held, ([first, ...rest]) => [first, rest]),
            (id) => (id === undefined ? fresh(0) : Effect.as(slots.claim(id), id))
          )

        const slot = Effect.flatMap(
          Effect.serviceOption(Held),
          Option.match({ onNone: () => fresh(Infinity), onSome: fromHeld })
        )

        /** Marks the slot as used, and settles it as soon as the reply is in: before whatever is done with the reply. */
        const sendIn = <A extends Paced, E, R>(id: string, left: Ref.Ref<boolean>, send: Effect.Effect<A, E, R>) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.gen(function* () {
              yield* Ref.set(left, true)
              const sentAt = yield* steadyMillis
              const reply = yield* restore(send).pipe(Effect.onExit((exit) => slots.settle(id, exit)))
              const took = (yield* steadyMillis) - sentAt
              yield* Ref.update(latency, (mean) => (mean === null ? took : 0.7 * mean + 0.3 * took))
              return reply
            })
          )

        return Pacer.of({
          paced: (send, around = (it) => it) =>
            Effect.uninterruptibleMask((restore) =>
              Effect.gen(function* () {
                const id = yield* restore(slot)
                const left = yield* Ref.make(false)
                return yield* restore(around(sendIn(id, left, send))).pipe(
                  Effect.ensuring(Effect.unlessEffect(slots.giveBack([id]), Ref.get(left)))
                )
              })
            ).pipe(Effect.withSpan("Pacer.paced")),
          together: (requests, use) =>
            Effect.uninterruptibleMask((restore) =>
              Effect.gen(function* () {
                const ids = yield* Effect.replicateEffect(newSlotId, requests)
                yield* restore(slots.reserve(ids, Infinity))
                const held = yield* Ref.make<ReadonlyArray<string>>(ids)
                return yield* restore(Effect.provideService(use, Held, held)).pipe(
                  Effect.ensuring(Effect.flatMap(Ref.get(held), slots.giveBack))
                )
              })
            ).pipe(Effect.withSpan("Pacer.together", { attributes: { requests } })),
          estimate: (requests, concurrency = 1) =>
            Effect.flatMap(Ref.get(latency), (mean) =>
              slots.look((state, now) =>
                PacerState.estimate(state, slots.rules, requests, now, (mean ?? 0) / concurrency)
              )
            ),
          room: slots.room,
          roomFor: (requests) =>
            slots.look(
              (state, now) =>
                PacerState.reserve(state, slots.rules, Array.from({ length: requests }, String), now).granted
            ),
          state: slots.look((state) => state),
          waits: PubSub.subscribe(slots.waits)
        })
      })
    )
}

/** Slots that `together` has reserved for the requests of the effect in which this is found. */
export class Held extends Context.Tag("@keysweep/core/Pacer/Held")<Held, Ref.Ref<ReadonlyArray<string>>>() {}
