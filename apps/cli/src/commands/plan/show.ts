import { Args, Command } from "@effect/cli"
import { encodePlan } from "@keysweep/revocation/Plan"
import { encodeReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import { Effect } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { fileWord, readAnyPlan } from "../../PlanFile.ts"
import { planMarkdown } from "../../render/PlanMarkdown.ts"
import { planNext, planText } from "../../render/PlanText.ts"
import { replacePlanNext, replacePlanText } from "../../render/ReplaceText.ts"
import { verb } from "../../Verb.ts"
import { json } from "../options.ts"
import { formatOf, wordOption } from "../words.ts"

const formats = ["table", "md"] as const
const format = wordOption("format", formats, "md is for a page: a pull request, a ticket.")

const file = Args.text({ name: "FILE" }).pipe(Args.withDescription("a saved plan"))

export const planShow = verb(
  {
    about: "Show a saved plan. Reads the file and nothing else.",
    examples: ["keysweep plan show plan.json", "keysweep plan show plan.json --format md > plan.md"]
  },
  Command.make("show", { file, format, json }, (typed) =>
    Effect.gen(function* () {
      const form = yield* formatOf(formats, typed, "table")
      const plan = yield* readAnyPlan(typed.file)
      const { out } = yield* Output
      if (plan.schema === "keysweep.replacement-plan/1") {
        if (form === "json") return yield* printDocument(encodeReplacePlan(plan))
        const text = replacePlanText(plan, out.style, yield* out.width)
        return yield* print(`${text}\n\n${replacePlanNext(plan, fileWord(typed.file), out.style)}`)
      }
      switch (form) {
        case "json":
          return yield* printDocument(encodePlan(plan))
        case "md":
          return yield* print(planMarkdown(plan))
        case "table": {
          const text = planText(plan, out.style, yield* out.width)
          return yield* print(`${text}\n\n${planNext(plan, fileWord(typed.file), out.style)}`)
        }
      }
    })
  )
)
