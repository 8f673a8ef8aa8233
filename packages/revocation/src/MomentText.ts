import { DateTime, Either, Option } from "effect"
import { parseDuration } from "./DurationText.ts"

/** A moment (`2026-12-31T18:00:00Z`), or a length of time from now (`2h`, `7d`). Without a zone it is none. */
export const parseMoment = (text: string, now: DateTime.Utc): Either.Either<DateTime.Utc, string> =>
  Either.match(parseDuration(text), {
    onRight: (time) => Either.right(DateTime.addDuration(now, time)),
    onLeft: () => {
      const at = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? DateTime.make(text) : Option.none()
      return Either.fromOption(
        Option.map(at, DateTime.toUtc),
        () => `not a time: ${text.slice(0, 30)}; say 2026-12-31T18:00:00Z, or one from now like 2h or 7d`
      )
    }
  })
