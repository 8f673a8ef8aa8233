import { ConfigProvider, Context, Effect, Exit, Fiber, Layer } from "effect"
import { apply } from "./commands/apply.ts"
import { audit } from "./commands/audit.ts"
import { backup } from "./commands/backup.ts"
import { plan } from "./commands/plan.ts"
import { resume } from "./commands/resume.ts"
import { runDue } from "./commands/runDue.ts"
import { scan } from "./commands/scan.ts"
import { verifyLog } from "./commands/verifyLog.ts"
import { fromEnvironment, type Inputs } from "./Inputs.ts"
import { checked, type Kept, keep } from "./Keeping.ts"
import { Records } from "./Records.ts"
import type { Failure } from "./Report.ts"
import type { Runner } from "./Runner.ts"
import type { Command, Result, Step } from "./Step.ts"
import { sweepLayer } from "./SweepLayer.ts"

/** How a command ended, and what it leaves. */
export interface Stepped {
  readonly exit: Exit.Exit<Result, Failure>
  /** `null`: a command that records nothing, or that could not begin. */
  readonly kept: Kept | null
}

/** Makes interruptible what it is given; the rest of a step is not. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** However the command ends, its records are kept. */
export const carryOut = (step: Step, restore: Restore): Effect.Effect<Stepped, Failure, Runner> =>
  Effect.gen(function* () {
    const { home, inputs, place } = step
    const given = Effect.withConfigProvider(
      ConfigProvider.orElse(ConfigProvider.fromMap(variablesOf(inputs)), () => ConfigProvider.fromEnv())
    )
    const records = yield* Layer.build(Records.layer(inputs, place, home))
    if (inputs.command === "verify-log") {
      return { exit: yield* Effect.exit(restore(Effect.provide(verifyLog(step), records))), kept: null }
    }
    const command = commands[inputs.command]
    // What runs beside the command must be able to end with it.
    const services = Context.merge(records, yield* restore(Layer.build(sweepLayer(inputs, place, home))).pipe(given))
    const exit = yield* Effect.exit(
      restore(Effect.provide(Effect.zipRight(checked(inputs), command(step)), services)).pipe(given)
    )
    // On a fiber of its own, which is not interrupted: what it opens must be able to end.
    const keeping = yield* Effect.forkDaemon(Effect.interruptible(Effect.provide(keep(step), services)).pipe(given))
    return { exit, kept: yield* Fiber.join(keeping) }
  }).pipe(Effect.scoped)

/** Inputs where the stores look for them. */
const variablesOf = (inputs: Inputs): Map<string, string> =>
  new Map(
    (["signing-key", "store", "secrets-token"] as const).flatMap((name) =>
      inputs[name] === "" ? [] : [[fromEnvironment[name], inputs[name]]]
    )
  )

const commands: { readonly [name in Exclude<Inputs["command"], "verify-log">]: Command } = {
  audit,
  scan,
  plan,
  apply,
  resume,
  backup,
  "run-due": runDue
}
