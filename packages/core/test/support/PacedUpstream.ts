import { Clock, Effect, Layer, Option, Redacted } from "effect"
import { Account, makeAccount } from "../../src/Account.ts"
import type { Paced } from "../../src/Paced.ts"
import { Pacer } from "../../src/Pacer.ts"
import { PacerStore } from "../../src/PacerStore.ts"
import type { SlidingWindow } from "./SlidingWindow.ts"
import type { VirtualTime } from "./VirtualTime.ts"

export const account = (options: { readonly reserve?: number; readonly timeScale?: number } = {}) =>
  Layer.effect(
    Account,
    makeAccount({ masterKey: Redacted.make("ek-0123456789abcdef"), baseUrl: "http://127.0.0.1:1/v1", ...options })
  )

/** A pacer of its own, as another process would have, over the store that is given. */
export const pacerOf = (
  store: typeof PacerStore.Service,
  options: { readonly reserve?: number; readonly deadline?: number } = {}
) =>
  Layer.build(Pacer.layer({ requestTimeout: 30_000, ...options })).pipe(
    Effect.map((context) => context),
    Effect.provide(Layer.merge(account(options), Layer.succeed(PacerStore, store))),
    Effect.flatMap((context) => Effect.provide(Pacer, context))
  )

export const newStore = Effect.provide(PacerStore, PacerStore.layerMemory)

/** A request that takes `there` to arrive and `back` to be answered. */
export const request = (
  time: VirtualTime,
  window: SlidingWindow,
  who: string,
  there: number,
  back: number
): Effect.Effect<Paced & { readonly allowed: boolean }> =>
  Effect.gen(function* () {
    yield* Effect.sleep(there)
    const answer = window.hit(yield* time.now, who)
    yield* Effect.sleep(back)
    return {
      allowed: answer.allowed,
      rate: Option.some({ limit: answer.limit, remaining: answer.remaining }),
      cooldown: answer.allowed ? Option.none() : Option.some(answer.retryAfter)
    }
  })

export const elapsed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* Clock.currentTimeNanos
    const value = yield* effect
    return { value, millis: Number((yield* Clock.currentTimeNanos) - before) / 1e6 }
  })
