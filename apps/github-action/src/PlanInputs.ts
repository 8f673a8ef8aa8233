import { fromCredits } from "@keysweep/core/Credit"
import { withoutSecrets } from "@keysweep/core/SafeText"
import type { Narrowing } from "@keysweep/revocation/Contain"
import { parseDuration } from "@keysweep/revocation/DurationText"
import { parseMoment } from "@keysweep/revocation/MomentText"
import type { PlanRequest } from "@keysweep/revocation/PlanRequest"
import type { Replacing } from "@keysweep/revocation/replace/Replacements"
import type { Selector } from "@keysweep/revocation/Selection"
import { DateTime, type Duration, Effect, Either } from "effect"
import type { Inputs } from "./Inputs.ts"

type Act = Exclude<Inputs["action"], "" | "undo" | Replacing["action"]>

/** What is to be done to keys. */
export const requestOf = (inputs: Inputs, action: Act): Effect.Effect<PlanRequest> =>
  Effect.map(DateTime.now, (now) => {
    const after = durationOf(inputs["delete-after"])
    return {
      action,
      ...groundsOf(inputs),
      ...(action === "delete-all" ? {} : { selector: selectorOf(inputs) }),
      ...(action === "contain" ? { narrow: narrowingOf(inputs, now) } : {}),
      ...(after === undefined ? {} : { thenDelete: { after } })
    }
  })

/** Which keys are to be made in place of others. What is gone is in the log: a step has nothing that opens a backup. */
export const replacingOf = (inputs: Inputs, action: Replacing["action"]): Replacing => {
  const wait = durationOf(inputs.wait)
  const soak = durationOf(inputs["delete-after"])
  return {
    action,
    ...groundsOf(inputs),
    selector: selectorOf(inputs),
    sinks: inputs.sinks,
    credit: inputs.credit === "" ? "remaining" : inputs.credit,
    limitType: inputs["limit-type"] === "" ? null : inputs["limit-type"],
    ...(wait === undefined ? {} : { wait }),
    ...(soak === undefined ? {} : { soak })
  }
}

/** A secret may be pasted into a reason; the plan is kept and shown. */
export const groundsOf = ({ override, reason }: Inputs) => ({ override, reason: withoutSecrets(reason) })

const narrowingOf = (inputs: Inputs, now: DateTime.Utc): Narrowing => {
  const { addresses, budget, expires, models } = inputs
  return {
    addresses: addresses.length === 0 ? undefined : addresses,
    models: models.length === 0 ? undefined : models,
    expiresAt: expires === "" ? undefined : Either.getOrUndefined(parseMoment(expires, now)),
    allocated: budget === "" ? undefined : fromCredits(Number(budget)),
    limitType: inputs["limit-type"] === "" ? undefined : inputs["limit-type"]
  }
}

const durationOf = (text: string): Duration.Duration | undefined => Either.getOrUndefined(parseDuration(text))

/** Only what was given: a field that is there narrows. */
const selectorOf = ({ all, disabled, expired, keys, names, where }: Inputs): Selector => ({
  ...(keys.length === 0 ? {} : { keys }),
  ...(names.length === 0 ? {} : { names }),
  ...(where === "" ? {} : { where }),
  ...(disabled ? { states: ["disabled"] as const } : {}),
  ...(expired ? { expired } : {}),
  ...(all ? { all } : {})
})
