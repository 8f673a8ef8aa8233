import { Options } from "@effect/cli"
import type { PlanRequest } from "@keysweep/revocation/Plan"
import { Either, Option } from "effect"
import { UsageError } from "../CliError.ts"
import { durationOf, optionally } from "./selectors.ts"

/** Deletes what is disabled, later. */
export const soak = {
  thenDelete: Options.boolean("then-delete").pipe(
    Options.withDescription("Delete the keys when they have soaked, unless somebody is seen to miss them.")
  ),
  after: Options.text("after").pipe(
    Options.withPseudoName("TIME"),
    Options.withDescription("With --then-delete: soak for so long, 12h, 7d, 2w; otherwise as the settings say, or 7d."),
    Options.optional
  )
}

export const soakOf = (typed: {
  readonly thenDelete: boolean
  readonly after: Option.Option<string>
}): Either.Either<Pick<PlanRequest, "thenDelete">, UsageError> =>
  Either.gen(function* () {
    const after = (yield* optionally(typed.after, durationOf("--after"))) ?? null
    if (typed.thenDelete) return { thenDelete: { after } }
    return after === null
      ? {}
      : yield* Either.left(
          new UsageError({
            detail: "--after says how long keys soak before they are deleted: --then-delete is missing.",
            next: ["keysweep disable --help"]
          })
        )
  })
