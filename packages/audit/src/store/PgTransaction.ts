import { type SqlClient, TransactionConnection } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { createHash } from "node:crypto"
import { Context, Effect, Option } from "effect"
import { isSqlError } from "./PgTrouble.ts"

/**
 * Runs something in a transaction of its own, alone among all who use the same name in this database, and durable when it
 * returns. The lock is the transaction's: it ends with it, and with the connection of a process that was killed.
 *
 * It is one of its own also where somebody calls it inside another one: what we promise may not be rolled back by them.
 */
export const exclusively =
  (sql: SqlClient, name: string) =>
  <A, E>(use: Effect.Effect<A, E>): Effect.Effect<A, E | SqlError> =>
    transaction(sql, Effect.zipRight(sql.unsafe(opening(name)), use)).pipe(
      Effect.mapInputContext((context: Context.Context<never>) => Context.omit(TransactionConnection)(context))
    )

/** A commit or a rollback that fails is a failure like any other, not a defect. */
const transaction = <A, E>(sql: SqlClient, use: Effect.Effect<A, E>): Effect.Effect<A, E | SqlError> =>
  Effect.catchSomeDefect(sql.withTransaction(use), (defect) =>
    isSqlError(defect) ? Option.some(Effect.fail(defect)) : Option.none()
  )

/**
 * One round trip. Read committed, so that what is read under the lock is what its last holder left. The time limit is for
 * a machine that lost its power in the middle: it would hold the lock until its connection is given up, which takes hours.
 */
const opening = (name: string): string =>
  [
    "set transaction isolation level read committed",
    "set local idle_in_transaction_session_timeout = '10s'",
    "select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') in ('off', 'local')",
    `select pg_advisory_xact_lock(${lockNumber(name)})`
  ].join("; ")

/** Advisory locks have numbers of 64 bits. Two names with one number would only wait for each other. */
const lockNumber = (name: string): string =>
  String(createHash("sha256").update(`keysweep/${name}`).digest().readBigInt64BE())
