import { Args, Command, Options } from "@effect/cli"
import { confirm, confirmedByHash } from "@keysweep/revocation/Confirmation"
import { Effect, Option } from "effect"
import { readAnyPlan } from "../../PlanFile.ts"
import { withSweep } from "../../Sweeping.ts"
import { confirmationLayer } from "../../Terminal.ts"
import { verb } from "../../Verb.ts"
import { json, reach } from "../options.ts"
import { reveal } from "../replacing.ts"
import { printReceipt } from "./carry.ts"
import { applyReplacement } from "./replace.ts"

const file = Args.text({ name: "FILE" }).pipe(Args.withDescription("a saved plan"))

const hash = Options.text("confirm").pipe(
  Options.withPseudoName("HASH"),
  Options.withDescription(
    "The hash of exactly this plan: the yes of somebody who has read it. Without it the terminal asks."
  ),
  Options.optional
)

export const apply = verb(
  {
    about: "Carry out a saved plan, once.",
    details: [
      "Reads the account afresh and refuses the plan if a planned key has changed since, if the plan has run before, has expired, or is of another account."
    ],
    examples: ["keysweep apply plan.json", "keysweep apply plan.json --confirm 5f3c…"]
  },
  Command.make("apply", { file, confirm: hash, reveal, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const plan = yield* readAnyPlan(typed.file)
      if (plan.schema === "keysweep.replacement-plan/1") return yield* applyReplacement(plan, typed)
      const confirmed = yield* Option.match(typed.confirm, {
        onNone: () => confirm(plan).pipe(Effect.provide(confirmationLayer)),
        onSome: (hash) => confirmedByHash(plan, hash)
      })
      const receipt = yield* withSweep(typed, (sweep) => sweep.apply(plan, confirmed))
      yield* printReceipt(receipt, typed.json)
    })
  )
)
