import type { Actor } from "@keysweep/audit/Actor"
import { Context, Effect, Layer } from "effect"
import { type Action, isFinal } from "./Action.ts"
import { endOf, type Plan } from "./Plan.ts"
import { ConfirmationRefused, PlanStale } from "./PlanError.ts"

/** What a person has to type. `yes-no` for what can be taken back, the exact phrase for what cannot. */
export type Challenge =
  | { readonly kind: "yes-no"; readonly question: string }
  | { readonly kind: "phrase"; readonly phrase: string }

/** The same on every surface. */
export const challengeOf = (plan: Plan): Challenge => {
  const count = `${plan.keys.length} ${plan.keys.length === 1 ? "key" : "keys"}`
  return isFinal(endOf(plan))
    ? { kind: "phrase", phrase: `delete ${plan.keys.length} ${plan.account}` }
    : { kind: "yes-no", question: `${asks(plan.action)} ${count} of ${plan.account}?` }
}

const asks = (action: Action): string => {
  switch (action) {
    case "release":
      return "Give back what was taken from"
    default:
      return `${action.slice(0, 1).toUpperCase()}${action.slice(1)}`
  }
}

/** Whether an answer meets the challenge: the exact phrase, or y or yes. Outer white space does not count. */
export const meets = (challenge: Challenge, answer: string): boolean =>
  challenge.kind === "phrase" ? answer.trim() === challenge.phrase : /^y(es)?$/i.test(answer.trim())

/** How a surface asks. It fails with `ConfirmationRefused` where nobody can be asked; a pipe is nobody. */
export class Confirmation extends Context.Tag("@keysweep/revocation/Confirmation")<
  Confirmation,
  {
    readonly ask: (
      plan: Plan,
      challenge: Challenge,
      attempt: { readonly number: number; readonly of: number }
    ) => Effect.Effect<string, ConfirmationRefused>
  }
>() {
  /** For surfaces that can ask nobody: they apply plans that were confirmed elsewhere. */
  static readonly layerNobody = Layer.succeed(Confirmation, {
    ask: () =>
      Effect.fail(
        new ConfirmationRefused({
          reason: "no terminal",
          detail: "Nobody can be asked here. Make a plan, have it read, and confirm it by its hash."
        })
      )
  })
}

/** The operator's own yes to one plan, and how it was given. */
export interface Confirmed {
  readonly plan: string
  readonly how: "typed" | "hash" | "automatic" | "soak"
  /**
   * `soak`: the plan that disabled the keys and said that they would be deleted, who ran it, and whether nobody was asked
   * because the settings called it automatic.
   */
  readonly under?: { readonly plan: string; readonly requester: Actor; readonly automatic: boolean }
}

const attempts = 3

/** Asks until the answer fits; three misses end it. `n` and an empty answer to a yes-no question end it at once. */
export const confirm = (plan: Plan): Effect.Effect<Confirmed, ConfirmationRefused, Confirmation> =>
  Effect.gen(function* () {
    const surface = yield* Confirmation
    const challenge = challengeOf(plan)
    for (let number = 1; number <= attempts; number++) {
      const answer = yield* surface.ask(plan, challenge, { number, of: attempts })
      if (meets(challenge, answer)) return { plan: plan.hash, how: "typed" }
      if (challenge.kind === "yes-no") {
        return yield* new ConfirmationRefused({ reason: "declined", detail: "Not confirmed; nothing was changed." })
      }
    }
    return yield* new ConfirmationRefused({
      reason: "three misses",
      detail: `The phrase was not typed in ${attempts} attempts; nothing was changed.`
    })
  })

/** A confirmation without a terminal: the hash of exactly this plan, handed over by whoever read it. */
export const confirmedByHash = (plan: Pick<Plan, "hash">, hash: string): Effect.Effect<Confirmed, PlanStale> =>
  hash === plan.hash
    ? Effect.succeed({ plan: hash, how: "hash" })
    : Effect.fail(
        new PlanStale({
          reason: "wrong hash",
          detail:
            "The confirmed hash is not this plan's; nothing was changed. Read the plan again and confirm its own hash.",
          drift: []
        })
      )

/** No confirmation at all, for what the settings call automatic. The run judges again whether they still do. */
export const confirmedAutomatically = (plan: Plan): Effect.Effect<Confirmed, ConfirmationRefused> =>
  plan.automatic
    ? Effect.succeed({ plan: plan.hash, how: "automatic" })
    : Effect.fail(
        new ConfirmationRefused({
          reason: "no terminal",
          detail: "The settings do not call this automatic, so it needs a confirmation; nothing was changed."
        })
      )
