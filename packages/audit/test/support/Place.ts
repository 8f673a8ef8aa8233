import { SqlClient } from "@effect/sql/SqlClient"
import { type AccountId, accountIdOf } from "@keysweep/core/Account"
import type { AccountMemory } from "@keysweep/core/AccountMemory"
import type { PacerStore } from "@keysweep/core/PacerStore"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import { randomUUID } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { PostgresAddress } from "@keysweep/testkit/Postgres"
import { inject } from "vitest"
import type { BackupStore } from "../../src/BackupStore.ts"
import type { Leases } from "../../src/Lease.ts"
import { Log, type LogOptions } from "../../src/Log.ts"
import type { LogStore } from "../../src/LogStore.ts"
import * as FileAccountMemory from "../../src/store/FileAccountMemory.ts"
import * as FileBackupStore from "../../src/store/FileBackupStore.ts"
import { makeFileLock } from "../../src/store/FileLock.ts"
import * as FileLogStore from "../../src/store/FileLogStore.ts"
import * as FilePacerStore from "../../src/store/FilePacerStore.ts"
import * as PgAccountMemory from "../../src/store/PgAccountMemory.ts"
import * as PgBackupStore from "../../src/store/PgBackupStore.ts"
import * as PgDatabase from "../../src/store/PgDatabase.ts"
import * as PgLogStore from "../../src/store/PgLogStore.ts"
import * as PgPacerStore from "../../src/store/PgPacerStore.ts"
import { exclusively } from "../../src/store/PgTransaction.ts"
import { makeHome, operator } from "./Fixture.ts"

export type Stores = LogStore | Leases | BackupStore | PacerStore | AccountMemory

/** One account's state in one kind of store, with what the tests do to it behind the program's back. */
export interface Place {
  readonly account: AccountId
  readonly home: string
  /** The stores as one program opens them: each time it is built is a program of its own. */
  readonly stores: Layer.Layer<Stores>
  /** Tells a child process where it is. */
  readonly address: string
  readonly head: Effect.Effect<string>
  readonly setHead: (head: string) => Effect.Effect<void>
  readonly changeLines: (change: (lines: ReadonlyArray<string>) => ReadonlyArray<string>) => Effect.Effect<void>
  readonly changeBackup: (id: string, change: (sealed: Uint8Array) => Uint8Array) => Effect.Effect<void>
  readonly setPacer: (text: string) => Effect.Effect<void>
  readonly setKnown: (text: string) => Effect.Effect<void>
  /** Takes the append lock as another program would, and gives what releases it. */
  readonly occupy: Effect.Effect<Effect.Effect<void>>
}

export interface Kind {
  readonly name: string
  readonly make: Effect.Effect<Place>
}

const files: Kind = {
  name: "files",
  make: Effect.map(makeHome, (home): Place => {
    const account = accountIdOf(randomUUID())
    const log = join(home, "accounts", account, "log")
    const segment = join(log, "000000000001.jsonl")
    const sealed = (id: string) => join(home, "accounts", account, "backups", `${id}.age`)
    const write = (path: string, content: string | Uint8Array) =>
      Effect.sync(() => {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, content)
      })
    return {
      account,
      home,
      stores: Layer.mergeAll(
        FileLogStore.layer(home),
        FileBackupStore.layer(home),
        FilePacerStore.layer(home),
        FileAccountMemory.layer(home)
      ),
      address: JSON.stringify({ home }),
      head: Effect.sync(() => readFileSync(join(log, "head.json"), "utf8")),
      setHead: (head) => write(join(log, "head.json"), head),
      changeLines: (change) =>
        Effect.suspend(() =>
          write(segment, `${change(readFileSync(segment, "utf8").trimEnd().split("\n")).join("\n")}\n`)
        ),
      changeBackup: (id, change) => Effect.suspend(() => write(sealed(id), change(readFileSync(sealed(id))))),
      setPacer: (text) => write(join(home, "credentials", account, "pacer.json"), text),
      setKnown: (text) => write(join(home, "credentials", account, "account.json"), text),
      occupy: Effect.gen(function* () {
        const scope = yield* Scope.make()
        const dir = join(home, "accounts", account, "lock/append")
        const lock = yield* Scope.extend(makeFileLock(dir, { actor: "os:other", run: null, since: "now" }), scope)
        const held = yield* lock.take
        return Effect.zipRight(Effect.ignore(lock.release(held)), Scope.close(scope, Exit.void))
      }).pipe(Effect.orDie)
    }
  })
}

const postgres = (url: string): Kind => ({
  name: "PostgreSQL",
  make: Effect.map(makeHome, (home): Place => {
    const account = accountIdOf(randomUUID())
    const run = (use: (sql: SqlClient) => Effect.Effect<unknown, unknown>) => Effect.asVoid(withDatabase(use))
    const alter = (change: (sql: SqlClient) => Effect.Effect<unknown, unknown>) =>
      run((sql) =>
        // Whoever owns the tables can do that: only verification finds it.
        sql.withTransaction(
          Effect.zipRight(sql`alter table keysweep_log disable trigger append_only`, change(sql)).pipe(
            Effect.zipLeft(sql`alter table keysweep_log enable trigger append_only`)
          )
        )
      )
    return {
      account,
      home,
      stores: pgStores(home).pipe(Layer.provide(database), Layer.orDie),
      address: JSON.stringify({ home, url }),
      head: withDatabase((sql) =>
        Effect.map(
          sql<{ head: string }>`select head from keysweep_head where account = ${account}`,
          (rows) => rows[0]?.head ?? ""
        )
      ),
      setHead: (head) => run((sql) => sql`update keysweep_head set head = ${head} where account = ${account}`),
      changeLines: (change) =>
        alter((sql) =>
          Effect.gen(function* () {
            const before = yield* sql<{ line: string }>`delete from keysweep_log where account = ${account}
              returning line, seq`
            const sorted = [...before].sort((a, b) => seqOf(a.line) - seqOf(b.line)).map(({ line }) => line)
            const after = change(sorted).map((line, i) => ({ account, seq: i + 1, line }))
            if (after.length > 0) yield* sql`insert into keysweep_log ${sql.insert(after)}`
          })
        ),
      changeBackup: (id, change) =>
        run((sql) =>
          Effect.flatMap(
            sql<{ sealed: Uint8Array }>`select sealed from keysweep_backup where account = ${account} and id = ${id}`,
            ([row]) =>
              sql`update keysweep_backup set sealed = ${change(row?.sealed ?? Buffer.alloc(0))}
                where account = ${account} and id = ${id}`
          )
        ),
      setPacer: (text) =>
        run(
          (sql) => sql`insert into keysweep_pacer ${sql.insert({ credential: account, state: text })}
            on conflict (credential) do update set state = excluded.state`
        ),
      setKnown: (text) =>
        run(
          (sql) => sql`insert into keysweep_known_account ${sql.insert({ credential: account, known: text })}
            on conflict (credential) do update set known = excluded.known`
        ),
      occupy: Effect.gen(function* () {
        const scope = yield* Scope.make()
        const context = yield* Scope.extend(Layer.build(database), scope)
        const sql = yield* Effect.provide(SqlClient, context)
        const taken = yield* Effect.makeLatch(false)
        yield* Effect.forkIn(exclusively(sql, `append/${account}`)(Effect.zipRight(taken.open, Effect.never)), scope)
        yield* taken.await
        return Scope.close(scope, Exit.void)
      }).pipe(Effect.orDie)
    }
  })
})

const url: PostgresAddress = inject("postgres")

/** What the tests look at and change in the database themselves. */
export const database = PgDatabase.layer(Redacted.make(url ?? "postgres://nowhere.invalid/none"))

export const withDatabase = <A, E>(use: (sql: SqlClient) => Effect.Effect<A, E>): Effect.Effect<A> =>
  Effect.flatMap(SqlClient, use).pipe(Effect.provide(database), Effect.orDie)

export const pgStores = (home: string): Layer.Layer<Stores, never, SqlClient> =>
  Layer.mergeAll(PgLogStore.layer(home), PgBackupStore.layer, PgPacerStore.layer, PgAccountMemory.layer)

/** Every kind of store that can be had here: a suite runs over each. */
export const kinds: ReadonlyArray<Kind> = url === null ? [files] : [files, postgres(url)]

/** Whether there is a PostgreSQL; who starts the tests without one is told so once, loudly. */
export const havePostgres = url !== null

/** Runs something with a log of its own, opened and closed, as one program would. */
export const withLogAt = <A, E>(
  place: Place,
  use: (log: Log["Type"]) => Effect.Effect<A, E, Stores>,
  options: LogOptions = {}
) =>
  Effect.flatMap(Log, use).pipe(
    Effect.provide(Layer.provideMerge(Layer.provide(Log.layer(place.account, options), operator), place.stores))
  )

const seqOf = (line: string): number => JSON.parse(line).seq
