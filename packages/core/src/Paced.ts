import { type Option, Schema } from "effect"
import type { RateHeaders, Wait } from "./PacerState.ts"

/** Waiting for the next permitted request would take longer than the caller allows. Nothing was sent; resumable. */
export class DeadlineReached extends Schema.TaggedError<DeadlineReached>()("DeadlineReached", {
  /** Milliseconds until the next permitted request. */
  waitMillis: Schema.Number
}) {
  override get message(): string {
    return `The next request is permitted only in ${Math.ceil(this.waitMillis / 1000)} s, later than this may wait`
  }
}

/** What a reply tells the pacer. */
export interface Paced {
  readonly rate: Option.Option<RateHeaders>
  /** Milliseconds of lock-out, from the reply, that a 429 started. */
  readonly cooldown: Option.Option<number>
}

/** A wait that has begun, for people who look at it; moments in Unix milliseconds. */
export interface PacerWait extends Wait {
  readonly began: number
}
