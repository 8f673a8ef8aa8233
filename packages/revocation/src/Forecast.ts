import { Account } from "@keysweep/core/Account"
import { Pacer } from "@keysweep/core/Pacer"
import { estimate, rules } from "@keysweep/core/PacerState"
import { DateTime, Effect } from "effect"

/** Milliseconds that so many requests take from now on, as the account's limit stands. */
export const forecast = Effect.gen(function* () {
  const pacing = rules({ ...(yield* Account), requestTimeout: 0 })
  const state = yield* (yield* Pacer).state
  const now = DateTime.toEpochMillis(yield* DateTime.now)
  return (requests: number): number => estimate(state, pacing, requests, now)
})
