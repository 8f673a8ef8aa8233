import { Log } from "@keysweep/audit/Log"
import { resumesReplacement } from "@keysweep/revocation/replace/ReplaceResume"
import { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { pastIsHere, pastIsKnown } from "../Memory.ts"
import { replaceResult, runResult } from "../RunResult.ts"
import type { Command } from "../Step.ts"

/** Goes on with a run that did not end, by the log alone: what was confirmed then holds for the rest. */
export const resume: Command = (step) =>
  Effect.gen(function* () {
    const { inputs, names } = step
    yield* pastIsHere(step, "How far a run has come")
    yield* pastIsKnown(step)
    const sweep = yield* Sweep
    const run = inputs.run === "" ? null : inputs.run
    const records = yield* sweep.books(Effect.flatMap(Log, (log) => log.records))
    const makes = resumesReplacement(records, run)
    return makes === null
      ? yield* runResult(yield* sweep.resume(run), names)
      : yield* replaceResult(yield* (yield* Replacements).resume(makes), names)
  })
