import { Command, Options } from "@effect/cli"
import { confirmedByHash } from "@keysweep/revocation/Confirmation"
import { confirmReplacement } from "@keysweep/revocation/replace/ReplaceConfirmation"
import { encodeReplacePlan, type ReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import { encodeReplaceReceipt, type ReplaceReceipt } from "@keysweep/revocation/replace/ReplaceReceipt"
import { blockedBy, type Replacing } from "@keysweep/revocation/replace/Replacements"
import { Effect, Option } from "effect"
import { Ended } from "../../CliError.ts"
import type { Reach } from "../../GivenAccount.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { fileWord, saveReplacePlan } from "../../PlanFile.ts"
import { withReason } from "../../Reasons.ts"
import { replacePlanNext, replacePlanText, replaceReceiptText } from "../../render/ReplaceText.ts"
import type { Failure } from "../../Report.ts"
import { withReplacements } from "../../Replacing.ts"
import type { Services } from "../../Services.ts"
import { askAt, missed, question } from "../../Terminal.ts"
import { verb } from "../../Verb.ts"
import { grounds, json, reach } from "../options.ts"
import { course, courseOf, requestOf, source, sourceOf, values } from "../replacing.ts"
import { selectors } from "../selectors.ts"
import { printNothing } from "./carry.ts"

const recreateWords = {
  about: "Make new keys with the settings of deleted ones. New values; every application must be updated.",
  details: [
    "The settings come from a backup or from the log. Each new key may spend what the old one had left; expired keys are left out, and disabled ones are disabled again before anybody has their value. What cannot be set again is listed. Every place for a value is tried before the first key is made."
  ],
  examples: [
    "keysweep recreate --key kf_2b7… --sink dotenv:.env#API_KEY",
    "keysweep recreate --from bk_… --all --sink 'github:acme/shop#{NAME}_KEY'"
  ]
}

const rotateWords = {
  about: "Give keys new values: make the new key, put its value in its place, see that it works, disable the old one.",
  details: [
    "The old key is touched only when the new one has its value in every place and works. What the old one spends until then is taken from what the new one may spend. The old key is disabled, soaks, and may be deleted after that. Stopped at any point, keysweep resume goes on."
  ],
  examples: [
    "keysweep rotate --key ci-main --sink github:acme/shop#API_KEY --wait 10m",
    "keysweep rotate --name 'svc-*' --sink 'dotenv:/srv/app/.env#{NAME}_KEY' --soak 3d --reason 'yearly'"
  ]
}

const recreateOptions = { ...selectors, ...source, ...values, ...grounds, json, ...reach }
const rotateOptions = { ...selectors, ...course, ...values, ...grounds, json, ...reach }
const out = Options.text("out").pipe(
  Options.withAlias("o"),
  Options.withPseudoName("FILE"),
  Options.withDescription("Save the plan here; otherwise among the plans of KEYSWEEP_HOME. Never overwrites."),
  Options.optional
)

export const recreate = verb(
  recreateWords,
  Command.make("recreate", recreateOptions, (typed) =>
    Effect.gen(function* () {
      const request = yield* requestOf(typed)
      yield* carryOut({ action: "recreate", ...request, from: yield* sourceOf(typed) }, typed)
    })
  )
)

export const rotate = verb(
  rotateWords,
  Command.make("rotate", rotateOptions, (typed) =>
    Effect.gen(function* () {
      const request = yield* requestOf(typed)
      yield* carryOut({ action: "rotate", ...request, ...(yield* courseOf(typed)) }, typed)
    })
  )
)

export const planRecreate = verb(
  {
    about: "Save a plan to make new keys with the settings of deleted ones. Changes nothing.",
    examples: ["keysweep plan recreate --from bk_… --all --sink age:keys/{NAME}.age#age1… --out plan.json"]
  },
  Command.make("recreate", { ...recreateOptions, out }, (typed) =>
    Effect.gen(function* () {
      const request = yield* requestOf(typed)
      yield* savePlan({ action: "recreate", ...request, from: yield* sourceOf(typed) }, typed)
    })
  )
)

export const planRotate = verb(
  {
    about: "Save a plan to give keys new values. Changes nothing.",
    examples: ["keysweep plan rotate --key ci-main --sink github:acme/shop#API_KEY --wait 10m --out plan.json"]
  },
  Command.make("rotate", { ...rotateOptions, out }, (typed) =>
    Effect.gen(function* () {
      const request = yield* requestOf(typed)
      yield* savePlan({ action: "rotate", ...request, ...(yield* courseOf(typed)) }, typed)
    })
  )
)

interface Given extends Reach {
  readonly json: boolean
  readonly reveal: boolean
}

const carryOut = (request: Replacing, options: Given): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const wanted = yield* withReason(request)
    const output = yield* Output
    const carried = yield* withReplacements(options, (replacements) =>
      Effect.gen(function* () {
        const planning = yield* replacements.plan(wanted)
        if (planning._tag === "Nothing") return planning.detail
        const { plan } = planning
        yield* blockedBy(plan)
        return yield* replacements.apply(plan, yield* Effect.provideService(confirmAt(plan), Output, output))
      })
    )
    yield* typeof carried === "string" ? printNothing(carried, options.json) : printReplacement(carried, options.json)
  })

const savePlan = (
  request: Replacing,
  options: Given & { readonly out: Option.Option<string> }
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const wanted = yield* withReason(request)
    const planning = yield* withReplacements(options, (replacements) => replacements.plan(wanted))
    if (planning._tag === "Nothing") return yield* printNothing(planning.detail, options.json)
    const { plan } = planning
    const { out } = yield* Output
    const file = yield* saveReplacePlan(plan, Option.getOrUndefined(options.out))
    if (options.json) return yield* printDocument({ ...encodeReplacePlan(plan), file })
    yield* print(replacePlanText(plan, out.style, yield* out.width))
    yield* print(`\nNothing was changed yet.\n${replacePlanNext(plan, fileWord(file), out.style)}`)
  })

/** A saved plan, confirmed by its hash or at the terminal. */
export const applyReplacement = (
  plan: ReplacePlan,
  options: Given & { readonly confirm: Option.Option<string> }
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const confirmed = yield* Option.match(options.confirm, {
      onNone: () => confirmAt(plan),
      onSome: (hash) => confirmedByHash(plan, hash)
    })
    yield* printReplacement(
      yield* withReplacements(options, (replacements) => replacements.apply(plan, confirmed)),
      options.json
    )
  })

const confirmAt = (plan: ReplacePlan) =>
  Effect.gen(function* () {
    const { err } = yield* Output
    const text = `${replacePlanText(plan, err.style, yield* err.width)}\n\n`
    return yield* confirmReplacement(plan, (challenge, attempt) =>
      askAt(err, attempt === 1 ? text : missed(attempt, 3), question(challenge, err.style.bold))
    )
  })

export const printReplacement = (receipt: ReplaceReceipt, asJson: boolean): Effect.Effect<void, Ended, Output> =>
  Effect.gen(function* () {
    const { out } = yield* Output
    if (asJson) yield* printDocument(encodeReplaceReceipt(receipt))
    else yield* print(replaceReceiptText(receipt, out.style, yield* out.width))
    if (receipt.outcome !== "done") return yield* new Ended({ outcome: receipt.outcome })
  })
