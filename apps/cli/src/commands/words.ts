import { Options } from "@effect/cli"
import { oneLine } from "@keysweep/core/SafeText"
import { Either, Option } from "effect"
import { UsageError } from "../CliError.ts"
import { nearest } from "@keysweep/revocation/Suggest"

/** An option that takes one of a few words. */
export const wordOption = (name: string, words: ReadonlyArray<string>, about: string) =>
  Options.text(name).pipe(Options.withPseudoName(words.join("|")), Options.withDescription(about), Options.optional)

/** The word that was typed, or `otherwise` where the option was left out. */
export const wordOf = <Word extends string>(
  option: string,
  words: ReadonlyArray<Word>,
  typed: Option.Option<string>,
  otherwise: Word
): Either.Either<Word, UsageError> => {
  if (Option.isNone(typed)) return Either.right(otherwise)
  const found = words.find((word) => word === typed.value)
  if (found !== undefined) return Either.right(found)
  const meant = nearest(typed.value, words)
  return Either.left(
    new UsageError({
      detail: `${option} takes ${words.join(", ")}; "${oneLine(typed.value, 40)}" is none of them.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
      next: [`${option} ${meant ?? words[0] ?? ""}`]
    })
  )
}

const about = "Print in another form than a table for people."

export const tableFormats = ["table", "csv", "md"] as const
export const tableFormat = wordOption("format", tableFormats, about)

/** `--json` is a format too: with another one beside it nobody knows which was meant. */
export const formatOf = <Word extends string>(
  words: ReadonlyArray<Word>,
  typed: { readonly format: Option.Option<string>; readonly json: boolean },
  otherwise: Word
): Either.Either<Word | "json", UsageError> =>
  typed.json && Option.isSome(typed.format)
    ? Either.left(
        new UsageError({ detail: "--json and --format contradict each other: say one of the two.", next: ["--json"] })
      )
    : typed.json
      ? Either.right("json")
      : wordOf("--format", words, typed.format, otherwise)
