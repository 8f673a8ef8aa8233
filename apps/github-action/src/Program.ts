import { exitCodeOf, type Outcome } from "@keysweep/revocation/Outcome"
import { Cause, Config, ConfigProvider, Context, Effect, Exit, Fiber, Layer, Option } from "effect"
import { apply } from "./commands/apply.ts"
import { audit } from "./commands/audit.ts"
import { backup } from "./commands/backup.ts"
import { plan } from "./commands/plan.ts"
import { runDue } from "./commands/runDue.ts"
import { scan } from "./commands/scan.ts"
import { verifyLog } from "./commands/verifyLog.ts"
import { homeOf } from "./Home.ts"
import { fromEnvironment, type Inputs, inputNames, parseInputs, secretInputs } from "./Inputs.ts"
import { checked, type Kept, keep, nothingKept } from "./Keeping.ts"
import { paragraphs } from "./Markdown.ts"
import { Records } from "./Records.ts"
import { type Failure, fault, interrupted, type Report, reportOf } from "./Report.ts"
import { type Annotation, Runner } from "./Runner.ts"
import type { Command, Result, Step } from "./Step.ts"
import { failureSummary, recordsSummary } from "./Summary.ts"
import { sweepLayer } from "./SweepLayer.ts"
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
        Effect.catchAllCause((cause) => Effect.succeed({ exit: Exit.failCause(cause), kept: nothingKept }))
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
  yield* runner.mask(passwordOf(raw["store"] ?? ""))
  return raw
})

/** A driver may name the parts of an address. */
const passwordOf = (address: string): string =>
  Option.match(Option.liftThrowable(() => decodeURIComponent(new URL(address).password))(), {
    onNone: () => "",
    onSome: (it) => it
  })

interface Stepped {
  readonly exit: Exit.Exit<Result, Failure>
  readonly kept: Kept
}

/** However the command ends, its records are kept. */
const step = (
  place: Workflow,
  raw: Raw,
  restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
): Effect.Effect<Stepped, Failure, Runner> =>
  Effect.gen(function* () {
    const inputs = yield* parseInputs(raw, place)
    const home = homeOf(inputs, place)
    const at: Step = { inputs, home, place, names: place.showsNames }
    const given = Effect.withConfigProvider(
      ConfigProvider.orElse(ConfigProvider.fromMap(variablesOf(inputs)), () => ConfigProvider.fromEnv())
    )
    const records = yield* Layer.build(Records.layer(inputs, place, home))
    if (inputs.command === "verify-log") {
      return { exit: yield* Effect.exit(restore(Effect.provide(verifyLog(at), records))), kept: nothingKept }
    }
    const command = commands[inputs.command]
    // What runs beside the command must be able to end with it.
    const services = Context.merge(records, yield* restore(Layer.build(sweepLayer(inputs, place, home))).pipe(given))
    const exit = yield* Effect.exit(restore(Effect.provide(Effect.zipRight(checked(inputs), command(at)), services)))
    // On a fiber of its own, which is not interrupted: what it opens must be able to end.
    const keeping = yield* Effect.forkDaemon(Effect.interruptible(Effect.provide(keep(at), services)))
    return { exit, kept: yield* Fiber.join(keeping) }
  }).pipe(Effect.scoped)

/** Inputs where the stores look for them. */
const variablesOf = (inputs: Inputs): Map<string, string> =>
  new Map(
    (["signing-key", "store"] as const).flatMap((name) =>
      inputs[name] === "" ? [] : [[fromEnvironment[name], inputs[name]]]
    )
  )

const commands: { readonly [name in Exclude<Inputs["command"], "verify-log">]: Command } = {
  audit,
  scan,
  plan,
  apply,
  backup,
  "run-due": runDue
}

const whatWentWrong = (cause: Cause.Cause<Failure>, names: boolean): Report =>
  Cause.isInterrupted(cause)
    ? interrupted
    : Option.match(Cause.failureOption(cause), { onSome: (error) => reportOf(error, names), onNone: () => fault })

const tell = (result: Result, kept: Kept): Effect.Effect<number, never, Runner> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const { annotations = [], line, outcome, summary } = result
    const exit = exitCodeOf(outcome)
    const verdict = { title: `Keysweep: ${outcome}`, text: line }
    if (exit === 0) {
      yield* annotate(annotations, "warning")
      yield* runner.info(line)
    } else yield* annotate([verdict, ...annotations], "error")
    yield* outputs(outcome, result, kept)
    yield* runner.summary(paragraphs([summary, recordsSummary(kept)]))
    return exit
  })

const complain = (report: Report, kept: Kept): Effect.Effect<number, never, Runner> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const { annotations, outcome } = report
    yield* annotate(annotations, "error")
    yield* outputs(outcome, {}, kept)
    yield* runner.summary(paragraphs([failureSummary(report), recordsSummary(kept)]))
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

const outputs = (outcome: Outcome, result: Partial<Result>, kept: Kept) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    yield* runner.output("outcome", outcome)
    yield* runner.output("plan-path", result.planPath ?? "")
    yield* runner.output("plan-hash", result.planHash ?? "")
    yield* runner.output("summary-counts", JSON.stringify(result.counts ?? {}))
    yield* runner.output("receipt-path", result.receiptPath ?? "")
    yield* runner.output("backup-path", result.backupPath ?? "")
    yield* runner.output("sarif-path", result.sarifPath ?? "")
    yield* runner.output("log-path", kept.logPath ?? "")
    yield* runner.output("log-anchor", result.anchor ?? kept.anchor ?? "")
    yield* runner.output("approvers", (result.approvers ?? []).join(","))
    yield* runner.output("state-path", kept.statePath ?? "")
    yield* runner.output("records-path", kept.folder ?? "")
  })
