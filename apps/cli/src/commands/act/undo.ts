import { Args, Command } from "@effect/cli"
import { Effect } from "effect"
import { runId } from "../../RunWord.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json, reach } from "../options.ts"
import { printCarried } from "./carry.ts"

const run = Args.text({ name: "RUN" }).pipe(Args.withDescription("the id of a run that disabled or contained keys"))

export const undo = verb(
  {
    about: "Take a run back: enable exactly the keys that it disabled, or give back what it narrowed.",
    details: [
      "A key that somebody has deleted or changed since is refused, with the reason, and the others are done. A deletion cannot be undone: the value of a key cannot be made again."
    ],
    examples: ["keysweep undo run_…"]
  },
  Command.make("undo", { run, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const id = yield* runId(typed.run)
      const carried = yield* withSweep(typed, (sweep) => Effect.flatMap(sweep.undo(id), sweep.carryOut))
      yield* printCarried(carried, typed.json)
    })
  )
)
