import { makeDir } from "@keysweep/audit/store/Files"
import { encodePlan, type Plan } from "@keysweep/revocation/Plan"
import type { PlanStale, PlanUnreadable } from "@keysweep/revocation/PlanError"
import { type AnyPlan, decodeAnyPlan } from "@keysweep/revocation/replace/AnyPlan"
import { encodeReplacePlan, type ReplacePlan } from "@keysweep/revocation/replace/ReplacePlan"
import { Effect } from "effect"
import { readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { UsageError } from "./CliError.ts"
import { home } from "./Environment.ts"
import { errorCode } from "./ErrorCode.ts"
import { shellWord } from "./SecretGuard.ts"

/** Saves a plan where it was asked for, or among the plans of the home folder; never over another file. */
export const savePlan = (plan: Plan, file: string | undefined): Effect.Effect<string, UsageError> =>
  save(plan, encodePlan(plan), file)

export const saveReplacePlan = (plan: ReplacePlan, file: string | undefined): Effect.Effect<string, UsageError> =>
  save(plan, encodeReplacePlan(plan), file)

const save = (
  plan: { readonly action: string; readonly hash: string },
  document: unknown,
  file: string | undefined
): Effect.Effect<string, UsageError> =>
  Effect.gen(function* () {
    const path = file ?? join(yield* home, "plans", `${plan.action}-${plan.hash.slice(0, 12)}.json`)
    const write = Effect.tryPromise({
      try: () => writeFile(path, `${JSON.stringify(document, null, 2)}\n`, { flag: "wx", mode: 0o600 }),
      catch: (cause) => ({ code: errorCode(cause) })
    })
    yield* Effect.zipRight(file === undefined ? makeDir(dirname(path)) : Effect.void, write).pipe(
      Effect.mapError(
        ({ code }) =>
          new UsageError({
            detail: `The plan cannot be saved as ${path} (${code}).`,
            next: ["Name another file: --out FILE. An existing file is never overwritten."]
          })
      )
    )
    yield* Effect.logDebug(`wrote ${path}`)
    return path
  })

/** Reads a plan, to do something to keys or to make new ones. One that was edited is stale; what is none is refused. */
export const readAnyPlan = (file: string): Effect.Effect<AnyPlan, UsageError | PlanStale | PlanUnreadable> =>
  Effect.flatMap(textOf(file), decodeAnyPlan)

const textOf = (file: string): Effect.Effect<string, UsageError> =>
  Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (cause) =>
      new UsageError({ detail: `${file} cannot be read (${errorCode(cause)}).`, next: ["keysweep plan --help"] })
  })

/** A file as it is typed after a command. */
export const fileWord = (path: string): string => shellWord(path)
