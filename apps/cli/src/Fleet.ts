import { oneLine } from "@keysweep/core/SafeText"
import { across, type Ended as EndedAccount, labelsOf, worstOf } from "@keysweep/revocation/fleet/Fleet"
import { carryOutAcross, type Open, panicAcross } from "@keysweep/revocation/fleet/FleetRun"
import { exitCodeOf, type Outcome } from "@keysweep/revocation/Outcome"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import { encodeReceipt, type Receipt } from "@keysweep/revocation/Receipt"
import { Effect, Either, Option } from "effect"
import { Ended, UsageError } from "./CliError.ts"
import { home } from "./Environment.ts"
import type { Reach } from "./GivenAccount.ts"
import { Output, print, printDocument } from "./Output.ts"
import { withReason } from "./Reasons.ts"
import { errorDocument, errorText } from "./render/ErrorText.ts"
import { planText } from "./render/PlanText.ts"
import { receiptText } from "./render/ReceiptText.ts"
import type { Style } from "./render/Style.ts"
import { counted, listed } from "./render/Words.ts"
import { errorReport, type Failure } from "./Report.ts"
import type { Services } from "./Services.ts"
import type { Reaches } from "./Several.ts"
import { settings } from "./SettingsFile.ts"
import { sharing, withSweep } from "./SweepLayer.ts"
import { askAt, missed } from "./Terminal.ts"

/** What is said of one account. */
interface Shown {
  readonly outcome: Outcome
  readonly document: unknown
  readonly text: string
}

/** Does the same on every account that was named, at the same time, and says it as one report with one exit code. */
export const onEach = (
  typed: Reaches,
  form: string,
  use: (reach: Reach, style: Style, width: number) => Effect.Effect<Shown, Failure, Services>
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    if (form !== "table" && form !== "json") {
      return yield* new UsageError({
        detail: "Several accounts are shown as tables, or as one document with --json.",
        next: ["--json"]
      })
    }
    const labels = yield* labelsIn(typed)
    const { out } = yield* Output
    const width = yield* out.width
    const ended = yield* sharing(across(labels, (label) => use(reachOf(label), out.style, width)))
    yield* report(ended, form === "json")
  })

/** Plans on each, asks once for all, and carries out. */
export const carryOutOnEach = (
  typed: Reaches & { readonly json: boolean },
  request: PlanRequest
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const labels = yield* labelsIn(typed)
    const wanted = yield* withReason(request)
    const { err, out } = yield* Output
    const width = yield* out.width
    const ended = yield* sharing(
      carryOutAcross(labels, open, wanted, (plans, phrase, { number, of }) =>
        askAt(
          err,
          number === 1
            ? `${plans.map(({ label, plan }) => `${heading(label, err.style)}\n${planText(plan, err.style, width)}\n\n`).join("")}`
            : missed(number, of),
          `Type ${err.style.bold(phrase)} to go on: `
        )
      )
    )
    const shown = ended.map(({ label, result }) => ({
      label,
      result: Either.map(result, (carried) =>
        carried._tag === "Receipt"
          ? receiptShown(carried.receipt, out.style, width)
          : {
              outcome: "nothing" as const,
              document: { schema: "keysweep.nothing/1", message: oneLine(carried.detail, 400) },
              text: `Nothing to do: ${oneLine(carried.detail, 400)}.`
            }
      )
    }))
    yield* report(shown, typed.json)
  })

/** Asks once, before anything is read. */
export const panicOnEach = (
  typed: Reaches & { readonly json: boolean },
  reason: string | null
): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const labels = yield* labelsIn(typed)
    const { err, out } = yield* Output
    const width = yield* out.width
    const options = {
      reason,
      home: yield* home,
      onTrouble: (file: string, detail: string) =>
        err.write(`! A log cannot be written (${detail}): what is done goes to ${file} instead.\n`)
    }
    const ended = yield* sharing(
      panicAcross(labels, openForPanic, options, (phrases, { number, of }) =>
        askAt(
          err,
          number === 1
            ? [
                err.style.bold(`Zero active keys on ${counted(labels.length, "account")}: ${listed(labels)}.`),
                "Everything that uses one of their keys stops.",
                "",
                `  ${err.style.bold(phrases.disable)}   every key disabled; keys can be enabled again`,
                `  ${err.style.bold(phrases.delete)}   every key deleted; ${err.style.red("a deleted key never comes back")}`,
                "",
                ""
              ].join("\n")
            : missed(number, of),
          "Type one of the two phrases to go on: "
        )
      )
    )
    const shown = ended.map(({ label, result }) => ({
      label,
      result: Either.map(result, (receipt) => receiptShown(receipt, out.style, width))
    }))
    yield* report(shown, typed.json)
  })

const labelsIn = ({ account, allAccounts }: Reaches) =>
  Effect.gen(function* () {
    if (allAccounts && Option.isSome(account)) {
      return yield* new UsageError({
        detail: "--account and --all-accounts contradict each other: say one of the two.",
        next: ["--all-accounts"]
      })
    }
    const asked = Option.match(account, { onNone: () => "all" as const, onSome: (labels) => labels.split(",") })
    return yield* labelsOf(yield* settings, asked)
  })

/** Lines of progress of several accounts would overwrite one another. */
const reachOf = (label: string): Reach => ({ account: Option.some(label), quiet: true })

const open: Open<Failure, Services> = (label, use) => withSweep(reachOf(label), use)

/** A panic leaves nothing to others. */
const openForPanic: Open<Failure, Services> = (label, use) => withSweep({ ...reachOf(label), reserve: 0 }, use)

const heading = (label: string, style: Style): string => style.bold(`── ${label} ──`)

const receiptShown = (receipt: Receipt, style: Style, width: number): Shown => ({
  outcome: receipt.outcome,
  document: encodeReceipt(receipt),
  text: receiptText(receipt, style, width)
})

/** `keysweep.fleet/1`, or the same for people. The exit code is that of the worst outcome. */
const report = (
  ended: ReadonlyArray<EndedAccount<Shown, Failure>>,
  json: boolean
): Effect.Effect<void, Ended, Output> =>
  Effect.gen(function* () {
    const { out } = yield* Output
    const width = yield* out.width
    const rows = ended.map(({ label, result }) =>
      Either.match(result, {
        onRight: ({ document, outcome, text }) => ({ label, outcome, document, error: null, text }),
        onLeft: (failure) => {
          const error = errorReport(failure, [])
          const text = errorText(error, out.style, width)
          return { label, outcome: error.outcome, document: null, error: errorDocument(error), text }
        }
      })
    )
    const outcome = worstOf(rows.map((row) => row.outcome))
    if (json) {
      const accounts = rows.map(({ document, error, label, outcome }) => ({ label, outcome, document, error }))
      yield* printDocument({ schema: "keysweep.fleet/1", outcome, accounts })
    } else {
      for (const { label, text } of rows) yield* print(`${heading(label, out.style)}\n${text}\n`)
      const counts = [...new Set(rows.map((row) => row.outcome))].map(
        (it) => `${rows.filter((row) => row.outcome === it).length} ${it}`
      )
      yield* print(`${counted(rows.length, "account")}: ${listed(counts)}.`)
    }
    if (exitCodeOf(outcome) !== 0) return yield* new Ended({ outcome })
  })
