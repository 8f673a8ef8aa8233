import { Command } from "@effect/cli"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import { encodeReceipt, type Receipt } from "@keysweep/revocation/Receipt"
import { Effect, Option } from "effect"
import { Ended } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { receiptText } from "../../render/ReceiptText.ts"
import type { Failure } from "../../Report.ts"
import { withSweep } from "../../Sweeping.ts"
import { verb, type VerbWords } from "../../Verb.ts"
import { json, quiet, reason, selectorOf, selectors } from "../options.ts"

/** A verb that plans, asks at the terminal and acts in one go, on the keys that its options select. */
export const acting = (action: "disable" | "enable" | "delete", words: VerbWords) =>
  verb(
    words,
    Command.make(action, { ...selectors, reason, json, quiet }, (typed) =>
      carryOut({ action, selector: selectorOf(typed), reason: Option.getOrNull(typed.reason) }, typed)
    )
  )

export const carryOut = (
  request: PlanRequest,
  options: { readonly json: boolean; readonly quiet: boolean }
): Effect.Effect<void, Failure, Output> =>
  Effect.gen(function* () {
    const carried = yield* withSweep(options, (sweep) => sweep.carryOut(request))
    if (carried._tag === "Nothing") return yield* printNothing(carried.detail, options.json)
    yield* printReceipt(carried.receipt, options.json)
  })

/** Nothing to do is an answer: exit code 0. */
export const printNothing = (detail: string, json: boolean): Effect.Effect<void, never, Output> =>
  json
    ? printDocument({ schema: "keysweep.nothing/1", outcome: "nothing", message: detail, changed: [] })
    : print(`Nothing to do: ${detail}. Nothing was changed.`)

export const printReceipt = (receipt: Receipt, json: boolean): Effect.Effect<void, Ended, Output> =>
  Effect.gen(function* () {
    const { out } = yield* Output
    if (json) yield* printDocument(encodeReceipt(receipt))
    else yield* print(receiptText(receipt, out.style, yield* out.width))
    if (receipt.outcome !== "done") return yield* new Ended({ outcome: receipt.outcome })
  })
