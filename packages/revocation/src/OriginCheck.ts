import { Operator, type Origin } from "@keysweep/audit/Actor"
import { oneLine } from "@keysweep/core/SafeText"
import { Effect } from "effect"
import type { GateResult } from "./GateResult.ts"
import type { SettingsContent } from "./SettingsContent.ts"

/** Where a run begins, for its record; nothing outside of workflows. */
export const originHere = Effect.map(Operator, ({ origin }) => (origin === undefined ? {} : { origin }))

/**
 * The gate's check "origin": whether a plan is applied where it was made, and a run resumed where it began, as far as the
 * settings ask for that. What was made outside of every workflow is applied outside of every workflow.
 */
export const originCheck = (
  { origin: wanted }: Pick<SettingsContent, "origin">,
  made: Origin | undefined,
  here: Origin | undefined
): GateResult => {
  const same =
    wanted === undefined ||
    (made?.repository.toLowerCase() === here?.repository.toLowerCase() &&
      (wanted === "repository" || made?.ref === here?.ref))
  const detail =
    wanted === undefined
      ? "the settings let a plan be applied anywhere"
      : `made ${text(made)}${same ? "" : `, and this is ${text(here)}`}`
  return same
    ? { check: "origin", result: "pass", detail, lift: null }
    : { check: "origin", result: "block", detail, lift: "do it where it was made, or make a plan here" }
}

const text = (origin: Origin | undefined): string =>
  origin === undefined ? "outside of a workflow" : `in ${oneLine(origin.repository)} on ${oneLine(origin.ref)}`
