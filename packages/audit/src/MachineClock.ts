import { Clock, Effect, Exit, Fiber } from "effect"

/** Waits on files and locks are measured on the machine's own clock, also where a test stands still. */
export const machineClock: Clock.Clock = Clock.make()

/**
 * What some work gives, or `late` after 5 s on the machine's own clock; it keeps the clock it had itself. What is late is
 * told to stop and goes on by itself for as long as it cannot: the caller has its answer, also where it cannot be
 * interrupted.
 */
export const within = <A, E, F>(work: Effect.Effect<A, E>, late: () => F): Effect.Effect<A, E | F> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDaemon(Effect.interruptible(work)), (fiber) =>
      restore(
        Effect.async<A, E | F>((resume) => {
          const timer = setTimeout(() => {
            resume(Effect.zipRight(Fiber.interruptFork(fiber), Effect.fail(late())))
          }, limitMillis)
          const settle = (exit: Exit.Exit<A, E>) => {
            clearTimeout(timer)
            resume(exit)
          }
          fiber.addObserver(settle)
          return Effect.suspend(() => {
            clearTimeout(timer)
            fiber.removeObserver(settle)
            return Fiber.interruptFork(fiber)
          })
        })
      )
    )
  )

const limitMillis = 5000
