import { Effect } from "effect"
import { type Challenge, type Confirmed, meets } from "../Confirmation.ts"
import { ConfirmationRefused } from "../PlanError.ts"
import type { ReplacePlan } from "./ReplacePlan.ts"

/** What a person has to type: a rotation ends in a deletion, a recreation only adds. */
export const replaceChallengeOf = ({ account, action, keys }: ReplacePlan): Challenge =>
  action === "rotate"
    ? { kind: "phrase", phrase: `rotate ${keys.length} ${account}` }
    : { kind: "yes-no", question: `Make ${keys.length} new ${keys.length === 1 ? "key" : "keys"} on ${account}?` }

const attempts = 3

/** Asks until the answer fits; three misses end it, and so does a no. */
export const confirmReplacement = (
  plan: ReplacePlan,
  ask: (challenge: Challenge, attempt: number) => Effect.Effect<string, ConfirmationRefused>
): Effect.Effect<Confirmed, ConfirmationRefused> =>
  Effect.gen(function* () {
    const challenge = replaceChallengeOf(plan)
    for (let attempt = 1; attempt <= (challenge.kind === "phrase" ? attempts : 1); attempt++) {
      if (meets(challenge, yield* ask(challenge, attempt))) return { plan: plan.hash, how: "typed" }
    }
    return yield* new ConfirmationRefused(
      challenge.kind === "phrase"
        ? { reason: "three misses", detail: `The phrase was not typed in ${attempts} attempts; nothing was changed.` }
        : { reason: "declined", detail: "Not confirmed; nothing was changed." }
    )
  })
