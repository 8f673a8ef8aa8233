import { oneLine } from "@keysweep/core/SafeText"
import { outcomeOfError, type SweepError } from "@keysweep/revocation/SweepError"
import { Cause, Data, Exit, Option } from "effect"
import { type ErrorFacts, KeysweepError } from "./KeysweepError.ts"

/** What was handed in is not of the documented shape; nothing was done. */
export class InvalidInput extends Data.TaggedError("InvalidInput")<{ readonly detail: string }> {
  override get message(): string {
    return this.detail
  }
}

/** A finished call as a promise: its value, or a {@link KeysweepError}. */
export const settled = <A>(exit: Exit.Exit<A, SweepError | InvalidInput>): Promise<A> =>
  Exit.match(exit, {
    onSuccess: (value) => Promise.resolve(value),
    onFailure: (cause) => Promise.reject(errorOf(cause))
  })

const errorOf = (cause: Cause.Cause<SweepError | InvalidInput>): KeysweepError => {
  const failure = Cause.failureOption(cause)
  if (Option.isSome(failure)) return new KeysweepError(factsOf(failure.value))
  return new KeysweepError(Cause.isInterrupted(cause) ? interrupted : fault)
}

const interrupted: ErrorFacts = {
  code: "Interrupted",
  outcome: "interrupted",
  message: "Interrupted; what a run had done by then is in the log."
}

/** A defect may hold anything, so nothing of it is shown. */
const fault: ErrorFacts = {
  code: "Fault",
  outcome: "failed",
  message: "A fault in Keysweep itself; what was done by then is in the log."
}

export const closed: ErrorFacts = { code: "Closed", outcome: "refused", message: "This instance was closed." }

const factsOf = (error: SweepError | InvalidInput): ErrorFacts => {
  // A literal of the request may be a secret that somebody took for a name.
  const message = oneLine(error.message, 600)
  if (error._tag === "InvalidInput") return { code: error._tag, outcome: "refused", message }
  const facts = { code: error._tag, outcome: failureOf(error), message }
  switch (error._tag) {
    case "PlanStale":
      return { ...facts, drift: error.drift }
    case "SelectionRefused":
      return { ...facts, candidates: error.candidates }
    case "KeysRefused":
      return { ...facts, refused: error.keys }
    case "GateBlocked":
      return { ...facts, blocks: error.blocks }
    case "RateLimited":
      return { ...facts, waitMillis: error.cooldownMillis }
    case "DeadlineReached":
      return { ...facts, waitMillis: error.waitMillis }
    default:
      return facts
  }
}

const failureOf = (error: SweepError): ErrorFacts["outcome"] => {
  const outcome = outcomeOfError(error)
  return outcome === "done" || outcome === "nothing" ? "failed" : outcome
}
