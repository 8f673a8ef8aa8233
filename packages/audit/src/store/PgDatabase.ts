import * as PgClient from "@effect/sql-pg/PgClient"
import type { SqlClient } from "@effect/sql/SqlClient"
import { Config, Layer, Redacted } from "effect"
import * as PgMigrations from "./PgMigrations.ts"
import { DatabaseUnavailable, explain } from "./PgTrouble.ts"

/** `postgres://user:password@host:port/database`, as every tool of PostgreSQL takes it. */
export const databaseUrl = Config.redacted("DATABASE_URL")

export interface DatabaseOptions {
  /** Connections of this process. 10 by default; further work waits for one, at most 5 s. */
  readonly connections?: number
}

/**
 * A database of PostgreSQL (13 or newer, encoding UTF8), with the tables of this version. Several programs and machines
 * may open it at once. A server or a pooler in front of it that hands out connections per transaction is enough.
 */
export const layer = (
  url: Redacted.Redacted,
  options: DatabaseOptions = {}
): Layer.Layer<SqlClient, DatabaseUnavailable> => PgMigrations.layer.pipe(Layer.provideMerge(clientLayer(url, options)))

const clientLayer = (url: Redacted.Redacted, { connections }: DatabaseOptions) =>
  isPostgresUrl(Redacted.value(url))
    ? PgClient.layer({
        url,
        applicationName: "keysweep",
        connectTimeout: "5 seconds",
        maxConnections: connections
      }).pipe(Layer.catchAll((error) => Layer.fail(new DatabaseUnavailable({ detail: explain(error) }))))
    : Layer.fail(notUrl)

const isPostgresUrl = (text: string): boolean =>
  URL.canParse(text) && ["postgres:", "postgresql:"].includes(new URL(text).protocol)

const notUrl = new DatabaseUnavailable({
  detail: "DATABASE_URL is not of the form postgres://user:password@host:port/name"
})
