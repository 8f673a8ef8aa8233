import { withoutSecrets } from "@keysweep/core/SafeText"
import { Effect, Either, Schema } from "effect"
import { ConfirmationRefused } from "./PlanError.ts"

/** Nobody said why. Nothing was changed. */
export class ReasonMissing extends Schema.TaggedError<ReasonMissing>()("ReasonMissing", {}) {
  override get message(): string {
    return "A plan says why, and no reason was given; nothing was changed."
  }
}

/** What goes into plan and log: a blank is no reason, and of a secret that somebody pasted into it nothing is left. */
export const reasonIn = (given: string | null | undefined): string | null =>
  withoutSecrets((given ?? "").trim()) || null

/** Every plan says why. A report of leaked keys says so itself. */
export const checkReason = (request: {
  readonly reason?: string | null
  readonly leaks?: ReadonlyArray<unknown>
}): Either.Either<void, ReasonMissing> =>
  request.leaks === undefined && reasonIn(request.reason) === null ? Either.left(new ReasonMissing()) : Either.void

const attempts = 3

/** What is said of a saved plan without one. */
export const unexplained = "The plan does not say why: make a new one, with a reason. Nothing was done."

/** Asks until there is a reason; three misses end it. */
export const askReason = <R>(
  ask: (attempt: { readonly number: number; readonly of: number }) => Effect.Effect<string, ConfirmationRefused, R>
): Effect.Effect<string, ConfirmationRefused, R> =>
  Effect.gen(function* () {
    for (let number = 1; number <= attempts; number++) {
      const reason = reasonIn(yield* ask({ number, of: attempts }))
      if (reason !== null) return reason
    }
    const detail = `No reason was given in ${attempts} attempts; nothing was changed.`
    return yield* new ConfirmationRefused({ reason: "three misses", detail })
  })
