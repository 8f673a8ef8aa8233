import { Either, Option, Schema } from "effect"

/**
 * A body read as JSON of a schema, or nothing. In two steps, because a schema that is made anew for each reply is also
 * compiled anew for each.
 */
export const decodeBody = <A, I>(schema: Schema.Schema<A, I>, body: string): Option.Option<A> =>
  Option.flatMap(parseJson(body), Schema.decodeUnknownOption(schema))

const parseJson = (body: string): Option.Option<unknown> => Either.getRight(decodeJson(body))
const decodeJson = Schema.decodeEither(Schema.parseJson())
