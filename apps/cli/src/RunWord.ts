import { RunId } from "@keysweep/audit/RunId"
import { Effect, Schema } from "effect"
import { UsageError } from "./CliError.ts"

/** A run as it is typed. */
export const runId = (text: string): Effect.Effect<RunId, UsageError> =>
  Effect.mapError(
    Schema.decodeUnknown(RunId)(text),
    () => new UsageError({ detail: "This is not the id of a run: one begins with run_.", next: ["keysweep log show"] })
  )
