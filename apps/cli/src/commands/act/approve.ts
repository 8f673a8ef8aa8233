import { Args, Command } from "@effect/cli"
import { osActor } from "@keysweep/revocation/Home"
import { Effect } from "effect"
import { print, printDocument } from "../../Output.ts"
import { readAnyPlan } from "../../PlanFile.ts"
import { listed } from "../../render/Words.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { json, reach } from "../options.ts"

const file = Args.text({ name: "FILE" }).pipe(Args.withDescription("a saved plan"))

export const approve = verb(
  {
    about: "Approve somebody else's plan. Refused here: a terminal does not prove who you are.",
    details: [
      "An approval is the yes of another person, so it counts only where the surface has checked the person: /keysweep approve in Slack, or the review of a GitHub environment. What is tried here is recorded."
    ],
    examples: ["keysweep approve plan.json"]
  },
  Command.make("approve", { file, account: reach.account, json }, (typed) =>
    Effect.gen(function* () {
      const plan = yield* readAnyPlan(typed.file)
      const requester = yield* osActor
      const { given, required } = yield* withSweep({ ...typed, quiet: true }, (sweep) => sweep.approve(plan, requester))
      if (typed.json) {
        return yield* printDocument({ schema: "keysweep.approval/1", plan: plan.hash, required, given })
      }
      yield* print(`Approved by ${listed(given)}; ${required} needed.`)
    })
  )
)
