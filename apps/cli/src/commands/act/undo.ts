import { Args, Command } from "@effect/cli"
import { checkReason } from "@keysweep/revocation/Reason"
import { Effect, Option } from "effect"
import { withReason } from "../../Reasons.ts"
import { runId } from "../../RunWord.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { grounds, json, reach } from "../options.ts"
import { printCarried } from "./carry.ts"

const run = Args.text({ name: "RUN" }).pipe(Args.withDescription("the id of a run that disabled or contained keys"))

export const undo = verb(
  {
    about: "Take a run back: enable exactly the keys that it disabled, or give back what it narrowed.",
    details: [
      "A key that somebody has deleted or changed since is refused, with the reason, and the others are done. A deletion cannot be undone: the value of a key cannot be made again."
    ],
    examples: ["keysweep undo run_… --reason 'the nightly build needs them'"]
  },
  Command.make("undo", { run, reason: grounds.reason, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const id = yield* runId(typed.run)
      const said = yield* withReason({ reason: Option.getOrNull(typed.reason) })
      yield* checkReason(said)
      const carried = yield* withSweep(typed, (sweep) =>
        Effect.flatMap(sweep.undo(id), (request) => sweep.carryOut({ ...request, ...said }))
      )
      yield* printCarried(carried, typed.json)
    })
  )
)
