import { Duration, Either, Option, ParseResult, Schema } from "effect"

const units: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** `90s`, `45m`, `12h`, `30d`, `2w`. Months and years are refused: they have no one length. */
export const parseDuration = (text: string): Either.Either<Duration.Duration, string> => {
  const match = /^(\d{1,6})([smhdw])$/.exec(text.trim())
  const seconds = Option.fromNullable(match).pipe(
    Option.map(([, count, unit]) => Number(count) * (units[unit ?? ""] ?? 0))
  )
  return Either.fromOption(
    Option.map(seconds, Duration.seconds),
    () => `not a duration: ${text.slice(0, 20)}; say 90s, 45m, 12h, 30d or 2w`
  )
}

/** A duration in a settings file. */
export const DurationText = Schema.transformOrFail(Schema.String, Schema.DurationFromSelf, {
  strict: true,
  decode: (text, _options, ast) =>
    Either.mapLeft(parseDuration(text), (message) => new ParseResult.Type(ast, text, message)),
  encode: (duration) => Either.right(`${Math.round(Duration.toSeconds(duration))}s`)
})
