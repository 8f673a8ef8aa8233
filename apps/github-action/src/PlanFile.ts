import { decodePlan, encodePlan, type Plan } from "@keysweep/revocation/Plan"
import type { PlanStale, PlanUnreadable } from "@keysweep/revocation/PlanError"
import { Effect } from "effect"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { FileRefused } from "./ActionError.ts"

/** Never over another file: an older plan may be the one that somebody has read. */
export const savePlan = (plan: Plan, path: string): Effect.Effect<void, FileRefused> =>
  Effect.tryPromise({
    try: () =>
      mkdir(dirname(path), { recursive: true, mode: 0o700 }).then(() =>
        writeFile(path, `${JSON.stringify(encodePlan(plan), null, 2)}\n`, { flag: "wx", mode: 0o600 })
      ),
    catch: (cause) => new FileRefused({ detail: `The plan cannot be saved as ${path} (${codeOf(cause)}).` })
  })

/** Reads a plan. One that was edited is stale; what is no plan at all is refused. */
export const readPlan = (path: string): Effect.Effect<Plan, FileRefused | PlanStale | PlanUnreadable> =>
  Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: (cause) => new FileRefused({ detail: `The plan ${path} cannot be read (${codeOf(cause)}).` })
  }).pipe(Effect.flatMap(decodePlan))

/** The system's own word for what went wrong with a file (`ENOENT`), and nothing else of it. */
export const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : "no reason given"
