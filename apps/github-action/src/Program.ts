import { exitCodeOf, type Outcome } from "@keysweep/revocation/Outcome"
import { Sweep } from "@keysweep/revocation/Sweep"
import { Cause, Config, Effect, Option, Redacted } from "effect"
import { join } from "node:path"
import { apply } from "./commands/apply.ts"
import { audit } from "./commands/audit.ts"
import { backup } from "./commands/backup.ts"
import { plan } from "./commands/plan.ts"
import { type Inputs, inputNames, parseInputs } from "./Inputs.ts"
import { type Failure, fault, interrupted, type Report, reportOf } from "./Report.ts"
import { Runner } from "./Runner.ts"
import type { Command, Result } from "./Step.ts"
import { failureSummary } from "./Summary.ts"
import { sweepLayer } from "./SweepLayer.ts"
import { type Workflow, workflow } from "./Workflow.ts"

/** One step. Its value is the exit code; everything that went wrong has been said by then. */
export const program: Effect.Effect<number, never, Runner> = Effect.gen(function* () {
  yield* maskSecrets
  const place = yield* Effect.either(workflow)
  const names = place._tag === "Right" && place.right.showsNames
  return yield* place.pipe(
    Effect.flatMap(step),
    Effect.flatMap(tell),
    Effect.catchAllCause((cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: (error) => complain(reportOf(error, names)),
        onNone: () => complain(fault)
      })
    ),
    Effect.onInterrupt(() => complain(interrupted))
  )
})

/** Before anything else is printed. */
const maskSecrets = Effect.gen(function* () {
  const runner = yield* Runner
  yield* runner.mask(yield* runner.input("api-key"))
  const signingKey = yield* Effect.orElseSucceed(Config.option(Config.redacted("KEYSWEEP_SIGNING_KEY")), () =>
    Option.none()
  )
  if (Option.isSome(signingKey)) yield* runner.mask(Redacted.value(signingKey.value))
})

const step = (place: Workflow): Effect.Effect<Result, Failure, Runner> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const raw = yield* Effect.forEach(inputNames, (name) =>
      Effect.map(runner.input(name), (text) => [name, text] as const)
    )
    const inputs = yield* parseInputs(Object.fromEntries(raw), place)
    const home = inputs.home || join(place.temp, "keysweep")
    return yield* Effect.flatMap(Sweep, (sweep) =>
      commandOf(inputs)({ inputs, sweep, home, names: place.showsNames })
    ).pipe(Effect.provide(sweepLayer(inputs, place, home)))
  })

const commandOf = ({ command }: Inputs): Command => ({ audit, plan, apply, backup })[command]

const tell = (result: Result): Effect.Effect<number, never, Runner> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const exit = exitCodeOf(result.outcome)
    if (exit === 0) yield* runner.info(result.line)
    else yield* runner.error(`Keysweep: ${result.outcome}`, result.line)
    yield* outputs(result.outcome, result)
    yield* runner.summary(result.summary)
    return exit
  })

/** The runner shows ten annotations of a step: what is over goes into the last one. */
const shown = 10

const complain = (report: Report): Effect.Effect<number, never, Runner> =>
  Effect.gen(function* () {
    const runner = yield* Runner
    const { annotations, outcome } = report
    const single = annotations.length <= shown ? annotations : annotations.slice(0, shown - 1)
    for (const { text, title } of single) yield* runner.error(title, text)
    const rest = annotations.slice(single.length)
    if (rest.length > 0)
      yield* runner.error("Keysweep: more", rest.map(({ text, title }) => `${title}: ${text}`).join("; "))
    yield* outputs(outcome, {})
    yield* runner.summary(failureSummary(report))
    return exitCodeOf(outcome)
  })

const outputs = (outcome: Outcome, { anchor, backupPath, counts, planHash, planPath }: Partial<Result>) =>
  Effect.gen(function* () {
    const runner = yield* Runner
    yield* runner.output("outcome", outcome)
    yield* runner.output("plan-path", planPath ?? "")
    yield* runner.output("plan-hash", planHash ?? "")
    yield* runner.output("summary-counts", JSON.stringify(counts ?? {}))
    yield* runner.output("backup-path", backupPath ?? "")
    yield* runner.output("log-anchor", anchor ?? "")
  })
