import { SqlClient } from "@effect/sql/SqlClient"
import { AccountMemory, KnownAccount } from "@keysweep/core/AccountMemory"
import { Effect, Either, Layer, Option, Schema } from "effect"
import { answered } from "./PgTrouble.ts"

/** What is known of accounts, in a database. What cannot be read or kept costs one more request, nothing else. */
export const layer: Layer.Layer<AccountMemory, never, SqlClient> = Layer.effect(
  AccountMemory,
  Effect.map(SqlClient, (sql) =>
    AccountMemory.of({
      get: (credential) =>
        answered(
          sql<{ readonly known: string }>`select known from keysweep_known_account where credential = ${credential}`,
          () => null
        ).pipe(
          Effect.map((rows) =>
            Option.flatMap(Option.fromNullable(rows[0]), (row) => Either.getRight(decode(row.known)))
          ),
          Effect.map(Option.getOrNull),
          Effect.orElseSucceed(() => null)
        ),
      set: (credential, known) =>
        Effect.ignore(
          answered(
            sql`insert into keysweep_known_account (credential, known) values (${credential}, ${encode(known)})
              on conflict (credential) do update set known = excluded.known`,
            () => null
          )
        )
    })
  )
)

const document = Schema.parseJson(KnownAccount)
const decode = Schema.decodeUnknownEither(document)
const encode = Schema.encodeSync(document)
