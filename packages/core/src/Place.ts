import { Context, type Effect } from "effect"

/**
 * One account's place among those of a process that work at the same time. Whoever waits long for the rate limit gives it
 * to the next. Where only one account is worked on there is none.
 */
export class Place extends Context.Tag("@keysweep/core/Place")<
  Place,
  {
    /** Waits without the place, and for a place afterwards. */
    readonly away: <A, E, R>(wait: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {}
