import { Command, Options } from "@effect/cli"
import type { Action } from "@keysweep/revocation/Action"
import { encodePlan, type PlanRequest } from "@keysweep/revocation/Plan"
import { Effect, Option } from "effect"
import { Output, print, printDocument } from "../../Output.ts"
import { fileWord, savePlan } from "../../PlanFile.ts"
import { planNext, planText } from "../../render/PlanText.ts"
import type { Failure } from "../../Report.ts"
import type { Services } from "../../Services.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { printNothing } from "../act/carry.ts"
import { grounds, groundsOf, json, quiet, selectorOf, selectors } from "../options.ts"

const out = Options.text("out").pipe(
  Options.withAlias("o"),
  Options.withPseudoName("FILE"),
  Options.withDescription("Save the plan here; otherwise among the plans of KEYSWEEP_HOME. Never overwrites."),
  Options.optional
)

const words = (action: Action) => ({
  about: `Save a plan to ${action === "delete-all" ? "delete every key of the account" : `${action} keys`}. Changes nothing.`,
  examples: [
    `keysweep plan ${action}${action === "delete-all" ? "" : " --name 'ci-*'"} --reason 'why' --out plan.json`,
    "keysweep apply plan.json --confirm HASH"
  ]
})

const planVerb = (action: "delete" | "disable" | "enable") =>
  verb(
    words(action),
    Command.make(action, { ...selectors, ...grounds, out, json, quiet }, (typed) =>
      makePlan({ action, selector: selectorOf(typed), ...groundsOf(typed) }, typed)
    )
  )

export const planDelete = planVerb("delete")
export const planDisable = planVerb("disable")
export const planEnable = planVerb("enable")
export const planDeleteAll = verb(
  words("delete-all"),
  Command.make("delete-all", { ...grounds, out, json, quiet }, (typed) =>
    makePlan({ action: "delete-all", ...groundsOf(typed) }, typed)
  )
)

const makePlan = (
  request: PlanRequest,
  typed: { readonly out: Option.Option<string>; readonly json: boolean; readonly quiet: boolean }
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const planning = yield* withSweep(typed, (sweep) => sweep.plan(request))
    if (planning._tag === "Nothing") return yield* printNothing(planning.detail, typed.json)
    const { out } = yield* Output
    const file = yield* savePlan(planning.plan, Option.getOrUndefined(typed.out))
    if (typed.json) return yield* printDocument({ ...encodePlan(planning.plan), file })
    yield* print(planText(planning.plan, out.style, yield* out.width))
    yield* print(`\nNothing was changed yet.\n${planNext(planning.plan, fileWord(file), out.style)}`)
  })
