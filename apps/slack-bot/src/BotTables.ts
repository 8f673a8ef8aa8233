import { SqlClient } from "@effect/sql/SqlClient"
import { migrate, type Migrations } from "@keysweep/audit/store/PgMigrations"
import type { DatabaseUnavailable } from "@keysweep/audit/store/PgTrouble"
import { Effect, Layer } from "effect"

/** What the servers of one bot share beside the stores: requests, signatures that were seen, who asked how often. */
export const layer: Layer.Layer<never, DatabaseUnavailable, SqlClient> = Layer.suspend(() =>
  Layer.effectDiscard(migrate("keysweep_slack_migrations", tables))
)

const tables: Migrations = {
  "0001_bot": Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(`
      create table keysweep_slack_request (
        id text primary key,
        opened text not null,
        posted text,
        confirmed text,
        taken text,
        ended text,
        misses integer not null default 0,
        look integer not null default 0,
        looking boolean not null default false,
        again boolean not null default false,
        wake_at timestamptz not null default clock_timestamp()
      );
      create index keysweep_slack_request_open on keysweep_slack_request (wake_at) where ended is null;
      create table keysweep_slack_seen (
        signature text primary key,
        until timestamptz not null
      );
      create table keysweep_slack_use (
        who text not null,
        at timestamptz not null
      );
      create index keysweep_slack_use_who on keysweep_slack_use (who, at);
    `)
  ),
  "0002_chores": Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(`
      alter table keysweep_slack_request add column shown text;
      create table keysweep_slack_chore (
        name text primary key,
        note text,
        look integer not null default 0,
        looking boolean not null default false,
        wake_at timestamptz not null default clock_timestamp()
      );
      insert into keysweep_slack_chore (name) values ('soaks'), ('audit');
    `)
  ),
  "0003_ends": Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(`
      alter table keysweep_slack_request add column told text, add column announced text;
      update keysweep_slack_request set told = 'before' where ended is not null;
      drop index keysweep_slack_request_open;
      create index keysweep_slack_request_open on keysweep_slack_request (wake_at) where told is null;
    `)
  ),
  "0004_errands": Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(`
      create table keysweep_slack_errand (
        id text primary key,
        opened text not null,
        posting text,
        posted text,
        ended text,
        told text,
        look integer not null default 0,
        looking boolean not null default false,
        again boolean not null default false,
        wake_at timestamptz not null default clock_timestamp()
      );
      create index keysweep_slack_errand_open on keysweep_slack_errand (wake_at) where told is null;
    `)
  ),
  "0005_soaks": Effect.flatMap(SqlClient, (sql) =>
    sql.unsafe(`
      create table keysweep_slack_soak (
        run text primary key,
        channel text not null,
        ts text,
        shown text,
        is_over boolean not null default false
      );
    `)
  )
}
