import { Clock, Effect, Exit, Option, PubSub, Random, Ref } from "effect"
import { Account } from "./Account.ts"
import { DeadlineReached, type Paced, type PacerWait } from "./Paced.ts"
import type { PacerError } from "./Pacer.ts"
import { current, isAhead } from "./PacerAging.ts"
import * as PacerState from "./PacerState.ts"
import { PacerStore } from "./PacerStore.ts"
import { Place } from "./Place.ts"

/** The inside of the `Pacer`: slots taken, settled and given back in the shared state and in this process's own view. */
export const makeSlots = (options: { readonly requestTimeout: number; readonly deadline?: number }) =>
  Effect.gen(function* () {
    const account = yield* Account
    const store = yield* PacerStore
    const place = yield* Effect.serviceOption(Place)
    const waits = yield* Effect.acquireRelease(PubSub.sliding<PacerWait>(16), PubSub.shutdown)
    const rules = PacerState.rules({ ...account, requestTimeout: options.requestTimeout })
    const deadline = options.deadline ?? Infinity
    // One fiber at a time asks for a slot, so that requests leave in the order in which they were made.
    const turn = yield* Effect.makeSemaphore(1)
    const settled = yield* Effect.makeLatch()
    // Our own requests once more, by a clock that nobody can set: a clock set forward empties the shared window.
    const own = yield* Ref.make(PacerState.empty)

    const update = <A>(change: (state: PacerState.PacerState, now: number) => readonly [A, PacerState.PacerState]) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => store.modify(account.credential, (state) => change(state, now)))

    /** What the shared state says now, unchanged. */
    const look = <A>(at: (state: PacerState.PacerState, now: number) => A) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        store.modify(account.credential, (state) => [at(current(state, rules, now), now), state])
      )

    /** Our own view first: it cannot fail. What cannot be stored stays reserved there as the worst case. */
    const change = (
      mine: (state: PacerState.PacerState, now: number) => PacerState.PacerState,
      theirs = mine
    ): Effect.Effect<void> =>
      Effect.flatMap(steadyMillis, (steady) => Ref.update(own, (state) => mine(state, steady))).pipe(
        Effect.zipRight(Effect.ignore(update((state, now) => [undefined, theirs(state, now)]))),
        Effect.zipRight(settled.release)
      )

    /** `null` when all of `ids` have their slots; else how long until it is worth asking again. */
    const attempt = Effect.fn("PacerSlots.attempt")(function* (ids: ReadonlyArray<string>) {
      const steady = yield* steadyMillis
      const mine = PacerState.reserve({ ...(yield* Ref.get(own)), heardAt: steady }, rules, ids, steady)
      if (!mine.granted) return refusal(mine.wait, steady)
      const { refused, limit } = yield* update((state, now) => {
        const it = PacerState.reserve(state, rules, ids, now)
        return [
          { refused: it.granted ? null : refusal(it.wait, now), limit: state.limit },
          it.granted || isAhead(state, now) ? it.state : state
        ]
      })
      if (refused === null) {
        yield* Ref.update(own, (state) => ({ ...PacerState.hold(state, rules, ids, steady), limit }))
      }
      return refused
    })

    /** Long waits are told, and leave the place to others. */
    const pause = ({ millis, reason }: Refusal, began: number) =>
      Effect.gen(function* () {
        if (millis > rules.margin) yield* PubSub.publish(waits, { reason, until: began + millis, began })
        yield* Effect.logDebug(`waiting ${Math.ceil(millis)} ms for the rate limit (${reason})`)
        const sleep = Effect.sleep(Math.max(1, Math.ceil(millis)))
        yield* millis > rules.margin && Option.isSome(place) ? place.value.away(sleep) : sleep
      })

    const patiently = (ids: ReadonlyArray<string>, patience: number): Effect.Effect<void, PacerError> =>
      Effect.gen(function* () {
        for (let asked = 0; ; asked++) {
          const refused = yield* attempt(ids)
          if (refused === null) return
          const { millis, reason } = refused
          const began = yield* Clock.currentTimeMillis
          if (millis > patience || began + millis > deadline) {
            return yield* new DeadlineReached({ waitMillis: millis })
          }
          // Whoever waits for somebody else's reply asks less and less often: it may be a slow one.
          if (reason === "first reply") {
            yield* Effect.race(Effect.sleep(Math.ceil(millis * 2 ** Math.min(asked, 3))), settled.await)
          } else yield* pause(refused, began)
        }
      })

    /** By what this process knows, and without a look at the store. Gives up where nobody may wait so long. */
    const roomAlone: Effect.Effect<void> = Effect.gen(function* () {
      while (true) {
        const steady = yield* steadyMillis
        const mine = PacerState.reserve({ ...(yield* Ref.get(own)), heardAt: steady }, rules, ["next"], steady)
        if (mine.granted) return
        const refused = refusal(mine.wait, steady)
        const began = yield* Clock.currentTimeMillis
        if (began + refused.millis > deadline) return
        yield* pause(refused, began)
      }
    })

    return {
      rules,
      waits,
      look,
      room: turn.withPermits(1)(roomAlone),
      /** Waits as long as it takes, in turn; with no patience it goes at once or not at all. */
      reserve: (ids: ReadonlyArray<string>, patience: number) =>
        patience === 0 ? patiently(ids, 0) : turn.withPermits(1)(patiently(ids, patience)),
      /** A slot reserved a moment ago is about to be used, unless a cooldown has begun since. */
      claim: (id: string) =>
        Effect.flatMap(
          update((state, now) => {
            const { cooldownUntil } = current(state, rules, now)
            return cooldownUntil === null
              ? [0, PacerState.hold(state, rules, [id], now)]
              : [cooldownUntil - now, PacerState.release(state, [id])]
          }),
          (left) => (left > 0 ? Effect.fail(new DeadlineReached({ waitMillis: left })) : Effect.void)
        ),
      settle: (id: string, exit: Exit.Exit<Paced, unknown>) => {
        if (Exit.isInterrupted(exit)) return change((state) => PacerState.abandon(state, id))
        const reply = Exit.isSuccess(exit) ? exit.value : noReply
        const settled =
          (rate: Paced["rate"]) =>
          (state: PacerState.PacerState, now: number): PacerState.PacerState => {
            const next = PacerState.settle(state, rules, id, now, rate)
            return Option.match(reply.cooldown, {
              onNone: () => next,
              onSome: (cooldown) => PacerState.lockedOut(next, now, cooldown)
            })
          }
        return change(settled(Option.none()), settled(reply.rate))
      },
      giveBack: (ids: ReadonlyArray<string>) => change((state) => PacerState.release(state, ids))
    }
  })

const noReply: Paced = { rate: Option.none(), cooldown: Option.none() }

/** Names a slot, apart from those of every process that shares the store. */
export const newSlotId = Effect.zipWith(
  Random.nextIntBetween(0, 2 ** 31),
  Random.nextIntBetween(0, 2 ** 31),
  (a, b) => `${a.toString(36)}-${b.toString(36)}`
)

/** Milliseconds by the process's own clock, which no correction of the time of day moves. */
export const steadyMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1_000_000)

interface Refusal {
  readonly millis: number
  readonly reason: PacerState.Wait["reason"]
}

const refusal = ({ until, reason }: PacerState.Wait, now: number): Refusal => ({ millis: until - now, reason })
