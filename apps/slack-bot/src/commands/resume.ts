import type { RunId } from "@keysweep/audit/RunId"
import { Effect } from "effect"
import type { Desk } from "../Proceeding.ts"
import { Sweeps, userActor } from "../Sweeps.ts"
import { type Asker, carry } from "./carry.ts"

/** Goes on with a run that was cut off, wherever it was begun; what was confirmed then holds for the rest. */
export const resume = (run: RunId | null, asker: Asker): Effect.Effect<null, never, Desk> =>
  Effect.gen(function* () {
    const sweeps = yield* Sweeps
    const what = run === null ? "the latest run that was cut off" : run
    yield* carry(asker, `resume ${what}`, [], (progress) =>
      sweeps.as(userActor(asker.user), (sweep) => sweep.resume(run), progress)
    )
    return null
  })
