import { Command, Options } from "@effect/cli"
import type { Action } from "@keysweep/revocation/Action"
import { encodePlan, type PlanRequest } from "@keysweep/revocation/Plan"
import { Effect, Option } from "effect"
import type { Reach } from "../../GivenAccount.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { fileWord, savePlan } from "../../PlanFile.ts"
import { withReason } from "../../Reasons.ts"
import { explainDocument, explainText } from "../../render/ExplainText.ts"
import { planNext, planText } from "../../render/PlanText.ts"
import type { Failure } from "../../Report.ts"
import type { Services } from "../../Services.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb } from "../../Verb.ts"
import { printNothing } from "../act/carry.ts"
import { narrowing, narrowingOf } from "../narrowing.ts"
import { grounds, groundsOf, json, reach } from "../options.ts"
import { askedOf, leakOptions } from "../leaked.ts"
import { soak, soakOf } from "../soak.ts"
import { selectorOf, selectors } from "../selectors.ts"

const out = Options.text("out").pipe(
  Options.withAlias("o"),
  Options.withPseudoName("FILE"),
  Options.withDescription("Save the plan here; otherwise among the plans of KEYSWEEP_HOME. Never overwrites."),
  Options.optional
)

const explain = Options.boolean("explain").pipe(
  Options.withDescription("Say for every key of the account why it is in or out.")
)

const words = (action: Action) => ({
  about: `Save a plan to ${action === "delete-all" ? "delete every key of the account" : `${action} keys`}. Changes nothing.`,
  examples: [
    `keysweep plan ${action}${action === "delete-all" ? "" : " --name 'ci-*'"}${action === "contain" ? " --addresses 10.0.0.0/8 --limit-type daily" : ""} --reason 'why' --out plan.json`,
    "keysweep apply plan.json --confirm HASH"
  ]
})

export const planDelete = verb(
  words("delete"),
  Command.make("delete", { ...selectors, ...leakOptions, explain, ...grounds, out, json, ...reach }, (typed) =>
    Effect.flatMap(askedOf("plan delete", typed), (asked) =>
      makePlan({ action: "delete", ...asked, ...groundsOf(typed) }, typed)
    )
  )
)
export const planDisable = verb(
  words("disable"),
  Command.make(
    "disable",
    { ...selectors, ...leakOptions, ...soak, explain, ...grounds, out, json, ...reach },
    (typed) =>
      Effect.gen(function* () {
        const thenDelete = yield* soakOf(typed)
        const asked = yield* askedOf("plan disable", typed)
        yield* makePlan({ action: "disable", ...asked, ...thenDelete, ...groundsOf(typed) }, typed)
      })
  )
)
export const planEnable = verb(
  words("enable"),
  Command.make("enable", { ...selectors, explain, ...grounds, out, json, ...reach }, (typed) =>
    Effect.flatMap(selectorOf(typed), (selector) =>
      makePlan({ action: "enable", selector, ...groundsOf(typed) }, typed)
    )
  )
)
export const planContain = verb(
  words("contain"),
  Command.make("contain", { ...selectors, ...narrowing, explain, ...grounds, out, json, ...reach }, (typed) =>
    Effect.gen(function* () {
      const selector = yield* selectorOf(typed)
      const narrow = yield* narrowingOf(typed)
      yield* makePlan({ action: "contain", selector, narrow, ...groundsOf(typed) }, typed)
    })
  )
)
export const planDeleteAll = verb(
  words("delete-all"),
  Command.make("delete-all", { ...grounds, out, json, ...reach }, (typed) =>
    makePlan({ action: "delete-all", ...groundsOf(typed) }, { ...typed, explain: false })
  )
)

const makePlan = (
  request: PlanRequest,
  typed: Reach & {
    readonly out: Option.Option<string>
    readonly explain: boolean
    readonly json: boolean
  }
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const wanted = yield* withReason(request)
    const planning = yield* withSweep(typed, (sweep) => sweep.plan(wanted))
    const { out } = yield* Output
    const width = yield* out.width
    const explained = typed.explain ? { explain: explainDocument(planning) } : {}
    if (typed.explain && !typed.json) yield* print(`${explainText(planning, out.style, width)}\n`)
    if (planning._tag === "Nothing") return yield* printNothing(planning.detail, typed.json, explained)
    const file = yield* savePlan(planning.plan, Option.getOrUndefined(typed.out))
    if (typed.json) return yield* printDocument({ ...encodePlan(planning.plan), file, ...explained })
    yield* print(planText(planning.plan, out.style, width))
    yield* print(`\nNothing was changed yet.\n${planNext(planning.plan, fileWord(file), out.style)}`)
  })
