import { Place } from "@keysweep/core/Place"
import { Effect, Fiber, Ref } from "effect"

/**
 * Accounts that work at the same time, of those that have begun. One thread does the work of all, so more of them would
 * not be faster, but each so slow that files and replies seem to hang. Some more than the files that Node has in hand at
 * once, so that a slow disk or upstream leaves no time unused.
 */
const atWork = 8

/** An account that has not waited for its rate limit for so long waits for something else, and needs no place for that. */
const longestStay = "5 seconds"

/**
 * Gives what runs the work of one account in a place, once there is one free. What waits for its rate limit, or for
 * something else for long, keeps no other waiting.
 */
export const makePlaces = (size = atWork) =>
  Effect.map(
    Effect.makeSemaphore(size),
    (free) =>
      <A, E, R>(work: Effect.Effect<A, E, R>) =>
        Effect.gen(function* () {
          /** Ends the stay when it gets too long; `null` while the account has no place. */
          const stay = yield* Ref.make<Fiber.Fiber<void> | null>(null)
          const end = (timer: Fiber.Fiber<void> | null) =>
            timer === null ? Effect.void : Effect.zipRight(free.release(1), Fiber.interruptFork(timer))
          const leave = Effect.uninterruptible(Effect.flatMap(Ref.getAndSet(stay, null), end))
          const enter = Effect.uninterruptibleMask((restore) =>
            Effect.gen(function* () {
              yield* restore(free.take(1))
              const timer = yield* Effect.forkDaemon(Effect.interruptible(Effect.delay(leave, longestStay)))
              yield* Effect.flatMap(Ref.getAndSet(stay, timer), end)
            })
          )
          const away = <A, E, R>(wait: Effect.Effect<A, E, R>) => Effect.zipLeft(Effect.zipRight(leave, wait), enter)
          return yield* Effect.acquireUseRelease(
            enter,
            () => Effect.provideService(work, Place, { away }),
            () => leave
          )
        })
  )
