import type { SqlError } from "@effect/sql/SqlError"
import { answered } from "@keysweep/audit/store/PgTrouble"
import { Effect, Schema } from "effect"

/** What the bot keeps in its database cannot be read or written; what needed it was not done. */
export class RequestsUnavailable extends Schema.TaggedError<RequestsUnavailable>()("RequestsUnavailable", {
  detail: Schema.String
}) {
  override get message(): string {
    return `The requests are not available: ${this.detail}`
  }
}

export type Stored<A> = Effect.Effect<A, RequestsUnavailable>

export const asked = <A>(work: Effect.Effect<A, SqlError>): Stored<A> =>
  answered(work, (detail) => new RequestsUnavailable({ detail }))

/** JSON of a column; nothing where the column is empty. */
export const readColumn = <A, I>(text: string | null, schema: Schema.Schema<A, I>) =>
  text === null ? Effect.succeed(null) : Schema.decode(Schema.parseJson(schema))(text)

export const encoded = <A, I>(schema: Schema.Schema<A, I>, value: A): Effect.Effect<string> =>
  Effect.orDie(Schema.encode(Schema.parseJson(schema))(value))
