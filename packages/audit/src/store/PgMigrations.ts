import * as Migrator from "@effect/sql/Migrator"
import { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Layer } from "effect"
import { exclusively } from "./PgTransaction.ts"
import { answered, DatabaseUnavailable } from "./PgTrouble.ts"

/** Changes of tables by number, `0001_name` and on, without gaps. Only ever added to: a released one is never edited. */
export interface Migrations {
  readonly [name: string]: Effect.Effect<unknown, SqlError, SqlClient>
}

/**
 * Brings the tables of a database up to date, once, however many start at the same time; all of it or nothing. A database
 * that a newer Keysweep has changed is refused. Tables are made where the connection's `search_path` points to. What was
 * done is noted in `table`.
 */
export const migrate = (table: string, migrations: Migrations): Effect.Effect<void, DatabaseUnavailable, SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const work = Effect.gen(function* () {
      const encoding = yield* sql<{ server_encoding: string }>`show server_encoding`
      if (encoding[0]?.server_encoding !== "UTF8")
        return yield* new DatabaseUnavailable({ detail: "its encoding is not UTF8; create it with ENCODING 'UTF8'" })
      // The migrator makes its table without a lock, so it finds it made.
      yield* sql`create table if not exists ${sql(table)} (
      migration_id integer primary key, created_at timestamptz not null default now(), name text not null)`
      const known = yield* sql<{ newest: number }>`select coalesce(max(migration_id), 0) as newest from ${sql(table)}`
      if ((known[0]?.newest ?? 0) > Object.keys(migrations).length)
        return yield* new DatabaseUnavailable({ detail: "a newer Keysweep has changed its tables; update this one" })
      yield* Migrator.make({})({ loader: Migrator.fromRecord(migrations), table })
    }).pipe(Effect.provideService(SqlClient, sql))
    yield* answered(
      exclusively(sql, `migrations/${table}`)(work),
      (detail) => new DatabaseUnavailable({ detail })
    ).pipe(Effect.catchTag("MigrationError", () => new DatabaseUnavailable({ detail: "its tables could not be made" })))
  })

/** The tables of the stores. */
export const layer: Layer.Layer<never, DatabaseUnavailable, SqlClient> = Layer.suspend(() =>
  Layer.effectDiscard(migrate("keysweep_migrations", stores))
)

const stores: Migrations = {
  "0001_stores": Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(`
      create table keysweep_log (
        account text not null,
        seq bigint not null check (seq > 0),
        line text not null check (octet_length(line) <= 1048576),
        primary key (account, seq)
      );
      create table keysweep_head (
        account text primary key,
        head text not null
      );
      create function keysweep_log_is_append_only() returns trigger language plpgsql as $$
        begin raise exception 'the log is append-only'; end
      $$;
      create trigger append_only before update or delete or truncate on keysweep_log
        for each statement execute function keysweep_log_is_append_only();
      create table keysweep_lease (
        account text primary key,
        fence integer not null,
        keeper text,
        holder text,
        seen timestamptz not null
      );
      create table keysweep_backup (
        account text not null,
        id text not null,
        sealed bytea not null,
        manifest text,
        primary key (account, id)
      );
      create table keysweep_pacer (
        credential text primary key,
        state text not null
      );
      create table keysweep_known_account (
        credential text primary key,
        known text not null
      );
    `)
  )
}
