import { SqlClient } from "@effect/sql/SqlClient"
import * as PgDatabase from "@keysweep/audit/store/PgDatabase"
import type { PostgresAddress } from "@keysweep/testkit/Postgres"
import { Effect, Layer, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import { inject } from "vitest"
import * as BotTables from "../src/BotTables.ts"

const given: PostgresAddress = inject("postgres")
const server = given ?? "postgres://nowhere.invalid/none"

/** The address of a new, empty database. */
export const freshDatabase: Effect.Effect<string> = Effect.gen(function* () {
  const name = `bot_${randomUUID().replaceAll("-", "")}`
  yield* inDatabase(server, (sql) => sql.unsafe(`create database ${name} strategy file_copy`))
  return server.replace(/postgres$/, name)
})

/** The database at an address, as a server of the bot opens it. */
export const databaseAt = (url: string) =>
  BotTables.layer.pipe(Layer.provideMerge(PgDatabase.layer(Redacted.make(url), { connections: 3 })), Layer.orDie)

export const inDatabase = <A, E>(url: string, use: (sql: SqlClient) => Effect.Effect<A, E>): Effect.Effect<A> =>
  Effect.flatMap(SqlClient, use).pipe(Effect.provide(PgDatabase.layer(Redacted.make(url))), Effect.orDie)

/** Whether a request to the upstream is under way, by what the pacer has on record. */
export const isSending = (url: string): Effect.Effect<boolean> =>
  inDatabase(url, (sql) =>
    Effect.map(sql`select from keysweep_pacer where state like '%"open":true%'`, (rows) => rows.length > 0)
  )

/** Every row of every table, as one text. */
export const everything = (url: string): Effect.Effect<string> =>
  inDatabase(url, (sql) =>
    Effect.gen(function* () {
      const tables = yield* sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public'`
      const rows = yield* Effect.forEach(
        tables,
        ({ name }) => sql<{ row: string }>`select to_jsonb(t)::text as row from ${sql(name)} as t`
      )
      return rows
        .flat()
        .map(({ row }) => row)
        .join("\n")
    })
  )
