import { Effect } from "effect"
import type { DatabaseUnavailable } from "@keysweep/audit/store/PgTrouble"
import type { Settings } from "@keysweep/revocation/Settings"
import { databaseUrl } from "@keysweep/revocation/Stores"
import { RecordsRefused } from "./ActionError.ts"
import { isInside } from "./Folder.ts"
import { Records } from "./Records.ts"
import type { Step } from "./Step.ts"

/** Where what is done here will be known later; `runner`: nowhere. */
export type Memory = "database" | "own disk" | "state" | "runner"

export const memoryOf = ({ inputs, place }: Step): Effect.Effect<Memory, DatabaseUnavailable, Settings> =>
  Effect.gen(function* () {
    if ((yield* databaseUrl) !== null) return "database"
    if (inputs.home !== "" && !place.hosted && !isInside(inputs.home, place.temp)) return "own disk"
    return inputs["signing-key"] === "" ? "runner" : "state"
  })

/** Refuses what only the log of earlier steps can answer, where there is none of them. */
export const pastIsHere = (step: Step, what: string) =>
  Effect.gen(function* () {
    const memory = yield* memoryOf(step)
    const { takenFrom } = yield* Records
    if (takenFrom !== null || memory === "database" || memory === "own disk") return
    return yield* new RecordsRefused({
      detail: `${what} is in the log alone, and there is no log of earlier steps here: nothing was changed. Give the state that the last step left as state-in, or give store.`
    })
  })

/**
 * Refuses where it cannot be known what earlier steps did. A job that is run again begins with what was handed to its
 * first attempt, which does not know of that attempt.
 */
export const pastIsKnown = (step: Step) =>
  Effect.gen(function* () {
    const { inputs, place } = step
    const memory = yield* memoryOf(step)
    if (memory === "database" || memory === "own disk" || place.attempt === 1) return
    const { takenFrom } = yield* Records
    const current =
      takenFrom !== null &&
      takenFrom.run === place.run &&
      (takenFrom.attempt === place.attempt ||
        (takenFrom.attempt === place.attempt - 1 && takenFrom.command === writerOf(inputs.command)))
    if (!current) {
      return yield* new RecordsRefused({
        detail: `This is attempt ${place.attempt} of the run, and nothing here tells what the attempt before it did: nothing was changed. Start a new run, or give the state that attempt ${place.attempt - 1} left as state-in.`
      })
    }
  })

/** What the last step of an attempt was that could have changed anything. */
const writerOf = (command: Step["inputs"]["command"]) => (command === "plan" ? "apply" : command)

/** Refuses what is only begun here, where nobody would know of it later. */
export const futureIsTold = (step: Step, what: string) =>
  Effect.gen(function* () {
    if ((yield* memoryOf(step)) !== "runner") return
    return yield* new RecordsRefused({
      detail: `${what}, and nothing that is recorded here outlives the runner: nothing was changed. Give signing-key and hand state-path on, or give store.`
    })
  })
