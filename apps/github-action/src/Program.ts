import { exitCodeOf, type Outcome } from "@keysweep/revocation/Outcome"
import { Cause, Config, Effect, Exit, Option } from "effect"
import type { Restore, Stepped } from "./CarryOut.ts"
import { fromEnvironment, homeOf, inputNames, parseInputs, secretInputs } from "./Inputs.ts"
import type { Kept } from "./Keeping.ts"
import { failureSummary, recordsSummary } from "./LastLines.ts"
import { paragraphs, withinLimit } from "./Markdown.ts"
import { type Failure, fault, interrupted, type Report, reportOf } from "./Report.ts"
import { type Annotation, Runner } from "./Runner.ts"
import type { Result } from "./Step.ts"
import { type Workflow, workflow } from "./Workflow.ts"

/** One step. Its value is the exit code; everything that went wrong has been said by then. */
export const program: Effect.Effect<number, never, Runner> = Effect.gen(function* () {
  const raw = yield* rawInputs
  const place = yield* Effect.either(workflow)
  const names = place._tag === "Right" && place.right.showsNames
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const { exit, kept } = yield* place.pipe(
        Effect.flatMap((it) => step(it, raw, restore)),
        Effect.catchAllCause((cause) => Effect.succeed({ exit: Exit.failCause(cause), kept: null }))
      )
      return yield* Exit.match(exit, {
        onSuccess: (result) => tell(result, kept),
        onFailure: (cause) => complain(whatWentWrong(cause, names), kept)
      })
    })
  )
})

type Raw = { readonly [name: string]: string }

/** Every input as text. Secrets are masked before anything is printed; the signing key may be in the environment. */
const rawInputs: Effect.Effect<Raw, never, Runner> = Effect.gen(function* () {
  const runner = yield* Runner
  const given = yield* Effect.forEach(inputNames, (name) =>
    Effect.map(runner.input(name), (text) => [name, text] as const)
  )
  const texts: Raw = Object.fromEntries(given)
  const around = yield* Effect.forEach(Object.entries(fromEnvironment), ([name, variable]) =>
    Effect.map(
      Effect.orElseSucceed(Config.string(variable), () => ""),
      (text) => [name, texts[name] || text.trim()] as const
    )
  )
  const raw: Raw = { ...texts, ...Object.fromEntries(around) }
  for (const name of secretInputs) yield* runner.mask(raw[name] ?? "")
  for (const password of passwordsOf(raw["store"] ?? "")) yield* runner.mask(password)
  return raw
})

/** A driver may name the parts of an address, as they were written or as they are meant. */
const passwordsOf = (address: string): ReadonlyArray<string> =>
  Option.match(Option.liftThrowable(() => new URL(address).password)(), {
    onNone: () => [],
    onSome: (written) => [...new Set([written, ...Option.toArray(meant(written))])]
  })

const meant = Option.liftThrowable(decodeURIComponent)

/** What acts is loaded once it is known that something is to be done. */
const step = (place: Workflow, raw: Raw, restore: Restore): Effect.Effect<Stepped, Failure, Runner> =>
  Effect.gen(function* () {
    const inputs = yield* parseInputs(raw, place)
    const { carryOut } = yield* Effect.promise(() => import("./CarryOut.ts"))
    return yield* carryOut({ inputs, home: homeOf(inputs, place), place, names: place.showsNames }, restore)
  })

const whatWentWrong = (cause: Cause.Cause<Failure>, names: boolean): Report =>
  Cause.isInterrupted(cause)
    ? interrupted
    : Option.match(Cause.failureOption(cause), { onSome: (error) => reportOf(error, names), onNone: () => fault })

const tell = (result: Result, kept: Kept | null): Effect.Effect<number, never, Runner> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const { annotations = [], line, outcome, summary } = result
    const exit = exitCodeOf(outcome)
    const verdict = { title: `Keysweep: ${outcome}`, text: line }
    if (exit === 0) {
      yield* annotate(annotations, "warning")
      yield* runner.info(line)
    } else yield* annotate([verdict, ...annotations], "error")
    yield* runner.summary(paragraphs([withinLimit(summary), recordsSummary(kept)]))
    const told = yield* outputs(outcome, result, kept)
    return told || exit !== 0 ? exit : exitCodeOf("records")
  })

const complain = (report: Report, kept: Kept | null): Effect.Effect<number, never, Runner> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const { annotations, outcome } = report
    yield* annotate(annotations, "error")
    yield* runner.summary(paragraphs([withinLimit(failureSummary(report)), recordsSummary(kept)]))
    yield* outputs(outcome, {}, kept)
    return exitCodeOf(outcome)
  })

/** The runner shows ten annotations of a kind a step: what is over goes into the last one. */
const shown = 10

const annotate = (annotations: ReadonlyArray<Annotation>, kind: "error" | "warning") =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const single = annotations.length <= shown ? annotations : annotations.slice(0, shown - 1)
    for (const annotation of single) yield* runner[kind](annotation)
    const rest = annotations.slice(single.length)
    if (rest.length === 0) return
    const text = rest.map(
      ({ place, text, title }) => `${place === undefined ? title : `${place.path}:${place.line}`}: ${text}`
    )
    yield* runner[kind]({ title: `Keysweep: ${rest.length} more`, text: text.join("; ") })
  })

/** Whether the steps that follow are told: without an outcome they would take it for nothing to do. */
const outputs = (outcome: Outcome, result: Partial<Result>, kept: Kept | null) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    yield* runner.output("outcome", outcome)
    yield* runner.output("plan-path", result.planPath ?? "")
    yield* runner.output("plan-hash", result.planHash ?? "")
    yield* runner.output("summary-counts", JSON.stringify(result.counts ?? {}))
    yield* runner.output("receipt-path", result.receiptPath ?? "")
    yield* runner.output("backup-path", result.backupPath ?? "")
    yield* runner.output("sarif-path", result.sarifPath ?? "")
    yield* runner.output("log-path", kept?.logPath ?? "")
    yield* runner.output("log-anchor", result.anchor ?? kept?.anchor ?? "")
    yield* runner.output("approvers", (result.approvers ?? []).join(","))
    yield* runner.output("state-path", kept?.statePath ?? "")
    yield* runner.output("records-path", kept?.folder ?? "")
    return true
  }).pipe(
    Effect.catchTag("OutputFailed", ({ name }) =>
      Effect.as(
        annotate(
          [
            {
              title: "Keysweep: records",
              text: `The output ${name} cannot be written; the step's page says what was done.`
            }
          ],
          "error"
        ),
        false
      )
    )
  )
