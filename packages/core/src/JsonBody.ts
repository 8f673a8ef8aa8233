import { Option, Schema } from "effect"

/**
 * A body read as JSON of a schema, or nothing. In two steps, because a schema that is made anew for each reply is also
 * compiled anew for each; and nothing that is nested beyond reason, over which everything recursive would fall.
 */
export const decodeBody = <A, I>(schema: Schema.Schema<A, I>, body: string): Option.Option<A> =>
  parseJson(body).pipe(Option.filter(isFlatEnough), Option.flatMap(Schema.decodeUnknownOption(schema)))

const parseJson = Schema.decodeOption(Schema.parseJson())

const deepest = 64

const isFlatEnough = (value: unknown): boolean => {
  let level: ReadonlyArray<unknown> = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return false
    level = level.flatMap((it) => (typeof it === "object" && it !== null ? Object.values(it) : []))
  }
  return true
}
