import { Args, Command } from "@effect/cli"
import { Log } from "@keysweep/audit/Log"
import { resumesReplacement } from "@keysweep/revocation/replace/ReplaceResume"
import { Effect, Option } from "effect"
import { runId } from "../../RunWord.ts"
import { withReplacements } from "../../Replacing.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json, reach } from "../options.ts"
import { reveal } from "../replacing.ts"
import { printReceipt } from "./carry.ts"
import { printReplacement } from "./replace.ts"

const run = Args.text({ name: "RUN" }).pipe(
  Args.withDescription("a run's id; the latest unfinished one without it"),
  Args.optional
)

export const resume = verb(
  {
    about: "Go on with a run that was interrupted: settle what was sent, and do the rest.",
    details: ["What was confirmed then holds for the rest. Nothing is done twice."],
    examples: ["keysweep resume", "keysweep resume run_…"]
  },
  Command.make("resume", { run, reveal, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const id = yield* Option.match(typed.run, { onNone: () => Effect.succeed(null), onSome: runId })
      const makes = yield* withSweep({ ...typed, quiet: true }, (sweep) =>
        Effect.map(sweep.books(Effect.flatMap(Log, (log) => log.records)), (records) => resumesReplacement(records, id))
      )
      if (makes !== null) {
        return yield* printReplacement(
          yield* withReplacements(typed, (replacements) => replacements.resume(makes)),
          typed.json
        )
      }
      yield* printReceipt(yield* withSweep(typed, (sweep) => sweep.resume(id)), typed.json)
    })
  )
)
