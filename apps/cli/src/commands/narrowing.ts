import { Options } from "@effect/cli"
import { fromCredits } from "@keysweep/core/Credit"
import { LimitType } from "@keysweep/core/KeySettings"
import { oneLine } from "@keysweep/core/SafeText"
import type { Narrowing } from "@keysweep/revocation/Contain"
import { parseMoment } from "@keysweep/revocation/MomentText"
import { DateTime, Effect, Either, Option } from "effect"
import { UsageError } from "../CliError.ts"
import { creditsOf, optionally } from "./selectors.ts"
import { wordOf, wordOption } from "./words.ts"

const text = (name: string, value: string, about: string) =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(about))

/** What keys are narrowed to. */
export const narrowing = {
  addresses: text(
    "addresses",
    "LIST",
    "Only from these addresses or ranges, with commas: '10.0.0.0/8,192.0.2.7'."
  ).pipe(Options.optional),
  models: text("models", "LIST", "Only with these models, with commas.").pipe(Options.optional),
  expires: text("expires", "TIME", "Only until then: 2026-12-31T18:00:00Z, or in so long: 2h, 7d.").pipe(
    Options.optional
  ),
  budget: text("budget", "CREDITS", "Only with so much allocated credit.").pipe(Options.optional),
  limitType: wordOption(
    "limit-type",
    LimitType.literals,
    "The limit type that the keys have now: an update replaces it too, and the upstream does not show it."
  )
}

interface Typed {
  readonly addresses: Option.Option<string>
  readonly models: Option.Option<string>
  readonly expires: Option.Option<string>
  readonly budget: Option.Option<string>
  readonly limitType: Option.Option<string>
}

/** What was typed, read; whether it narrows anything is not for this program to say. */
export const narrowingOf = (typed: Typed): Effect.Effect<Narrowing, UsageError> =>
  Effect.flatMap(DateTime.now, (now) =>
    Either.gen(function* () {
      const limit = Option.isNone(typed.limitType) ? null : typed.limitType
      return {
        addresses: Option.getOrUndefined(Option.map(typed.addresses, listOf)),
        models: Option.getOrUndefined(Option.map(typed.models, listOf)),
        expiresAt: yield* optionally(typed.expires, timeOf(now)),
        allocated: yield* optionally(typed.budget, (text) => Either.map(creditsOf("--budget")(text), fromCredits)),
        limitType: limit === null ? undefined : yield* wordOf("--limit-type", LimitType.literals, limit, "daily")
      }
    })
  )

const listOf = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")

const timeOf =
  (now: DateTime.Utc) =>
  (text: string): Either.Either<DateTime.Utc, UsageError> =>
    Either.mapLeft(
      parseMoment(text, now),
      () =>
        new UsageError({
          detail: `--expires takes a time like 2026-12-31T18:00:00Z, or one from now like 2h or 7d; "${oneLine(text, 60)}" is none.`,
          next: ["--expires 2h"]
        })
    )
