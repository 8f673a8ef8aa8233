import { Context, type Effect } from "effect"
import type { ErrandId } from "./Errand.ts"
import type { RequestId } from "./Request.ts"

/**
 * Sees to it that a request is looked at: now, when its time has come, and again by another server when the one that
 * looked has died. It decides nothing: whoever looks reads the request and the log first.
 */
export class AlarmClock extends Context.Tag("@keysweep/slack-bot/AlarmClock")<
  AlarmClock,
  {
    /** Has a request looked at soon, whatever it was waiting for. Safe to repeat; kept over restarts. */
    readonly wake: (id: RequestId) => Effect.Effect<void>
    /** Has an errand that was just put on record looked at, now. */
    readonly begin: (id: ErrandId) => Effect.Effect<void>
  }
>() {}
