import { SqlClient } from "@effect/sql/SqlClient"
import { Effect, Layer, Option } from "effect"
import { BackupUnavailable } from "../BackupError.ts"
import { BackupStore } from "../BackupStore.ts"
import { exclusively } from "./PgTransaction.ts"
import { refused } from "./PgTrouble.ts"

/** Encrypted backups as rows of a database, each with its manifest once that was written. */
export const layer: Layer.Layer<BackupStore, never, SqlClient> = Layer.effect(
  BackupStore,
  Effect.map(SqlClient, (sql) =>
    BackupStore.of({
      put: (account, id, sealed) =>
        sql`insert into keysweep_backup (account, id, sealed) values (${account}, ${id}, ${sealed})
          on conflict do nothing returning id`.pipe(
          exclusively(sql, `backup/${account}`),
          Effect.filterOrFail(isOne, () => unavailable(`there is a backup ${id} already`)),
          (work) => refused(work, unavailable),
          Effect.asVoid
        ),
      describe: (account, id, manifest) =>
        sql`update keysweep_backup set manifest = ${manifest}
          where account = ${account} and id = ${id} and manifest is null returning id`.pipe(
          exclusively(sql, `backup/${account}`),
          Effect.filterOrFail(isOne, () => unavailable(`there is no backup ${id} without a manifest`)),
          (work) => refused(work, unavailable),
          Effect.asVoid
        ),
      get: (account, id) =>
        refused(
          Effect.map(
            sql<{ readonly sealed: Uint8Array; readonly manifest: string | null }>`select sealed, manifest
              from keysweep_backup where account = ${account} and id = ${id}`,
            (rows) => Option.fromNullable(rows[0])
          ),
          unavailable
        ),
      manifests: (account) =>
        refused(
          Effect.map(
            sql<{ readonly manifest: string }>`select manifest from keysweep_backup
              where account = ${account} and manifest is not null order by id collate "C"`,
            (rows) => rows.map((row) => row.manifest)
          ),
          unavailable
        ),
      remove: (account, id) =>
        Effect.asVoid(
          refused(
            exclusively(
              sql,
              `backup/${account}`
            )(sql`delete from keysweep_backup where account = ${account} and id = ${id}`),
            unavailable
          )
        )
    })
  )
)

const isOne = (rows: ReadonlyArray<unknown>): boolean => rows.length === 1

const unavailable = (detail: string) => new BackupUnavailable({ detail })
