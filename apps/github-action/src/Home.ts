import { join, relative } from "node:path"
import type { Inputs } from "./Inputs.ts"
import type { Origin } from "./HomeArchive.ts"
import type { Workflow } from "./Workflow.ts"

/** The folder of log, backups and what is known of the rate limit. */
export const homeOf = (inputs: Inputs, { temp }: Workflow): string => inputs.home || join(temp, "keysweep")

/**
 * Whether what earlier steps recorded can be known here: the home folder outlives the job, or the state is what the last
 * one left. A job that is run again begins with what was handed to its first attempt, which does not know of that attempt.
 */
export const knowsThePast = (inputs: Inputs, place: Workflow, takenFrom: Origin | null): boolean => {
  if (inputs.home !== "" && relative(place.temp, inputs.home).startsWith("..")) return true
  if (place.attempt === 1) return true
  if (takenFrom === null || takenFrom.run !== place.run) return false
  const { attempt, command } = takenFrom
  return attempt === place.attempt || (attempt === place.attempt - 1 && command === inputs.command)
}
