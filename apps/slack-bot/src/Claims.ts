import type { SqlClient } from "@effect/sql/SqlClient"
import { Effect, type Schema } from "effect"
import { asked, encoded, type Stored } from "./Stored.ts"

/** A row that somebody looks at, for the nth time. */
export interface Claim<Id extends string> {
  readonly id: Id
  readonly look: number
}

/**
 * A table of which each server takes a row when its time has come: one server at a time, and another one when it has been
 * silent for 20 s. Each fact of a row is written once.
 */
export interface Claims<Id extends string> {
  /** Takes one whose time has come, for 20 s; nothing where none has. Of many servers one gets it. */
  readonly due: Stored<Claim<Id> | null>
  /** Keeps what was taken for another 20 s, if it is still ours. */
  readonly attend: (claim: Claim<Id>) => Stored<void>
  /** Leaves it alone for so many milliseconds; not at all if somebody woke it meanwhile. */
  readonly rest: (claim: Claim<Id>, millis: number) => Stored<void>
  /** Has it looked at now, or once more after the look that goes on. */
  readonly wake: (id: Id) => Stored<void>
  /** Whether this call wrote it; `false`: it had been written before. */
  readonly write: <A, I>(id: Id, fact: string, schema: Schema.Schema<A, I>, value: A) => Stored<boolean>
}

/** `told` is the column that says that nobody has to look any more. */
export const claimsOf = <Id extends string>(
  sql: SqlClient,
  name: string,
  isId: (id: string) => id is Id
): Claims<Id> => {
  const table = sql(name)
  return {
    due: asked(
      sql<{ readonly id: string; readonly look: number }>`update ${table}
        set look = look + 1, looking = true, again = false, wake_at = clock_timestamp() + ${claim}::interval
        where id = (select id from ${table} where told is null and wake_at <= clock_timestamp()
          order by wake_at limit 1 for update skip locked)
        returning id, look`
    ).pipe(Effect.map(([row]) => (row !== undefined && isId(row.id) ? { id: row.id, look: row.look } : null))),
    attend: ({ id, look }) =>
      Effect.asVoid(
        asked(sql`update ${table} set wake_at = clock_timestamp() + ${claim}::interval
          where id = ${id} and look = ${look} and looking`)
      ),
    rest: ({ id, look }, millis) =>
      Effect.asVoid(
        asked(sql`update ${table} set looking = false, wake_at = clock_timestamp()
            + case when again then 0 else ${millis}::float8 end * interval '1 millisecond'
          where id = ${id} and look = ${look}`)
      ),
    wake: (id) =>
      Effect.asVoid(
        asked(sql`update ${table}
          set again = true, wake_at = case when looking then wake_at else clock_timestamp() end where id = ${id}`)
      ),
    write: (id, fact, schema, value) =>
      Effect.flatMap(encoded(schema, value), (text) =>
        asked(sql`update ${table} set ${sql(fact)} = ${text}
          where id = ${id} and ${sql(fact)} is null returning id`)
      ).pipe(Effect.map((written) => written.length === 1))
  }
}

/** Four times as long as whoever looks may be silent. */
const claim = "20 seconds"
