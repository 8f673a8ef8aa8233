import { Clock, Effect } from "effect"

/** Waits on files and locks are measured on the machine's own clock, also where a test stands still. */
export const machineClock: Clock.Clock = Clock.make()

/** A time limit on the machine's own clock around work that keeps the clock it had. What is late goes on by itself. */
export const onMachineClock = <A, E, B, E2>(
  work: Effect.Effect<A, E>,
  limit: (work: Effect.Effect<A, E>) => Effect.Effect<B, E2>
): Effect.Effect<B, E2> =>
  Effect.clockWith((clock) =>
    limit(Effect.disconnect(Effect.withClock(work, clock))).pipe(Effect.withClock(machineClock))
  )
