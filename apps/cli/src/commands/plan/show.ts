import { Args, Command } from "@effect/cli"
import { encodePlan } from "@keysweep/revocation/Plan"
import { Effect } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { fileWord, readPlan } from "../../PlanFile.ts"
import { planNext, planText } from "../../render/PlanText.ts"
import { verb } from "../../Verb.ts"
import { json } from "../options.ts"

const file = Args.text({ name: "FILE" }).pipe(Args.withDescription("a saved plan"))

export const planShow = verb(
  { about: "Show a saved plan. Reads the file and nothing else.", examples: ["keysweep plan show plan.json"] },
  Command.make("show", { file, json }, ({ file, json }) =>
    Effect.gen(function* () {
      const plan = yield* readPlan(file)
      if (json) return yield* printDocument(encodePlan(plan))
      const { out } = yield* Output
      yield* print(`${planText(plan, out.style, yield* out.width)}\n\n${planNext(plan, fileWord(file), out.style)}`)
    })
  )
)
