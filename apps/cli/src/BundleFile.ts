import { type BundleTrust, type OpenBundle, openBundle } from "@keysweep/audit/Bundle"
import { Effect, Either } from "effect"
import { readFile } from "node:fs/promises"
import { UsageError } from "./CliError.ts"
import { errorCode } from "./ErrorCode.ts"

/** An exported log. One that was tampered with opens, with its flaw; what is no export at all is refused. */
export const readBundle = (file: string, trust: BundleTrust = {}): Effect.Effect<OpenBundle, UsageError> =>
  Effect.gen(function* () {
    const next = ["keysweep log export --out FILE"]
    const bytes = yield* Effect.tryPromise({
      try: () => readFile(file),
      catch: (cause) => new UsageError({ detail: `${file} cannot be read (${errorCode(cause)}).`, next })
    })
    return yield* Either.mapLeft(
      openBundle(bytes, trust),
      (reason) => new UsageError({ detail: `${file} is no exported log: ${reason}.`, next })
    )
  })
