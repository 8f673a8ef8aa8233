import { Effect } from "effect"

/**
 * Steps of many accounts take turns, so that the limit of each is about the disk and not about how many others there are:
 * a thousand at once would each be too slow. The limit begins with the turn, and a step that is too late gives it up.
 */
export const inTurn = <A, E, R>(step: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => turns.withPermits(1)(step)

/** Some more than the threads that Node has for files. */
const turns = Effect.unsafeMakeSemaphore(16)
