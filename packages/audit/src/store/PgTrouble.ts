import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Schema } from "effect"
import { within } from "../MachineClock.ts"

/** The database cannot be used at all, as found when it is opened. */
export class DatabaseUnavailable extends Schema.TaggedError<DatabaseUnavailable>()("DatabaseUnavailable", {
  detail: Schema.String
}) {
  override get message(): string {
    return `The database cannot be used: ${this.detail}`
  }
}

/** Safe text: by the code alone, because a driver's message may hold a statement, a value or an address with a password. */
export const explain = (error: SqlError): string => {
  const code = codeOf(error.cause)
  const reason = reasons.find(([pattern]) => pattern.test(code))?.[1]
  if (code === "") return "the database does not answer, or its connection was lost"
  return reason === undefined ? `the database refused (${code})` : `the database ${reason} (${code})`
}

/** Failures of the database become the caller's own. */
export const refused = <A, E, F>(
  work: Effect.Effect<A, E | SqlError>,
  unavailable: (detail: string) => F
): Effect.Effect<A, Exclude<E, SqlError> | F> =>
  Effect.catchIf(work, isSqlError, (error) => Effect.fail(unavailable(explain(error))))

/** The same, and an answer within 5 s. */
export const answered = <A, E, F>(
  work: Effect.Effect<A, E | SqlError>,
  unavailable: (detail: string) => F
): Effect.Effect<A, Exclude<E, SqlError> | F> =>
  within(refused(work, unavailable), () => unavailable("the database did not answer within 5 s"))

export const isSqlError = (error: unknown): error is SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"

/** SQLSTATE classes and codes (PostgreSQL, appendix A), and those of Node's sockets. */
const reasons: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(?:E[A-Z_]+|08...)$/, "cannot be reached"],
  [/^28...$/, "refuses this user or password"],
  [/^3D000$/, "does not exist on that server"],
  [/^42P01$/, "has no tables of Keysweep"],
  [/^42501$/, "does not permit this to its user"],
  [/^25006$/, "is read-only"],
  [/^23505$/, "was written to by something that is not Keysweep"],
  [/^(?:53100|58030)$/, "has no space left, or its disk fails"],
  [/^53...$/, "is out of memory or connections"],
  [/^57P0.$/, "is shutting down or starting up"],
  [/^57014$/, "was told to stop"],
  [/^25P03$/, "waited too long for us"]
]

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : ""
