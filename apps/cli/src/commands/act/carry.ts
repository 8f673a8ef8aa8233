import { Command } from "@effect/cli"
import { oneLine } from "@keysweep/core/SafeText"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import { encodeReceipt, type Receipt } from "@keysweep/revocation/Receipt"
import type { Carried } from "@keysweep/revocation/Sweep"
import { Effect } from "effect"
import { Ended } from "../../CliError.ts"
import { Output, print, printDocument } from "../../Output.ts"
import { withReason } from "../../Reasons.ts"
import { receiptText } from "../../render/ReceiptText.ts"
import type { Reach } from "../../GivenAccount.ts"
import type { Failure } from "../../Report.ts"
import type { Services } from "../../Services.ts"
import { withSweep } from "../../Sweeping.ts"
import { isSeveral } from "../../Several.ts"
import { verb, type VerbWords } from "../../Verb.ts"
import { grounds, groundsOf, json, reaches } from "../options.ts"
import { askedOf, leakOptions } from "../leaked.ts"
import { selectors } from "../selectors.ts"

/** A verb that plans, asks at the terminal and acts in one go, on the keys that its options select. */
export const acting = (action: "delete", words: VerbWords) =>
  verb(
    words,
    Command.make(action, { ...selectors, ...leakOptions, ...grounds, json, ...reaches }, (typed) =>
      Effect.gen(function* () {
        const request = { action, ...(yield* askedOf(action, typed)), ...groundsOf(typed) }
        if (!isSeveral(typed)) return yield* carryOut(request, typed)
        const { carryOutOnEach } = yield* Effect.promise(() => import("../../Fleet.ts"))
        yield* carryOutOnEach(typed, request)
      })
    )
  )

export const carryOut = (
  request: PlanRequest,
  options: Reach & { readonly json: boolean }
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const wanted = yield* withReason(request)
    const carried = yield* withSweep(options, (sweep) => sweep.carryOut(wanted))
    yield* printCarried(carried, options.json)
  })

export const printCarried = (carried: Carried, json: boolean): Effect.Effect<void, Ended, Output> =>
  carried._tag === "Nothing" ? printNothing(carried.detail, json) : printReceipt(carried.receipt, json)

/** Nothing to do is an answer: exit code 0. */
export const printNothing = (detail: string, json: boolean, more: object = {}): Effect.Effect<void, never, Output> => {
  const message = oneLine(detail, 400)
  return json
    ? printDocument({ schema: "keysweep.nothing/1", outcome: "nothing", message, changed: [], ...more })
    : print(`Nothing to do: ${message}. Nothing was changed.`)
}

export const printReceipt = (receipt: Receipt, json: boolean): Effect.Effect<void, Ended, Output> =>
  Effect.gen(function* () {
    const { out } = yield* Output
    if (json) yield* printDocument(encodeReceipt(receipt))
    else yield* print(receiptText(receipt, out.style, yield* out.width))
    if (receipt.outcome !== "done") return yield* new Ended({ outcome: receipt.outcome })
  })
