import { SqlClient } from "@effect/sql/SqlClient"
import type { AccountId } from "@keysweep/core/Account"
import { Chunk, Effect, Layer, Option, Stream } from "effect"
import { Leases } from "../Lease.ts"
import { envelopeOf, hashOfLine, maxLineBytes, origin, type Tip } from "../LogRecord.ts"
import { type Addition, LogStore, LogUnavailable, type StoredLog, type StoredTip } from "../LogStore.ts"
import { makeSigner } from "./FileSigningKey.ts"
import { makePgLeases } from "./PgLeases.ts"
import { exclusively } from "./PgTransaction.ts"
import { answered, refused } from "./PgTrouble.ts"

/**
 * Logs and leases in a database, shared by all programs and machines that open it: a line of a log is a row, and the head
 * is written in the transaction of its lines, so it is never behind them.
 *
 * The signing key is `KEYSWEEP_SIGNING_KEY`, else the file `signing-key` of `home`, made on first use. It is never in the
 * database: whoever may write there could then write a history of their own. Machines that share an account need one key.
 */
export const layer = (home: string): Layer.Layer<LogStore | Leases, never, SqlClient> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const signer = yield* makeSigner(home)
      const { fence, leases } = yield* makePgLeases(sql)
      const open = (account: AccountId) => Effect.succeed(storedLog(sql, account, fence(account)))
      return Layer.succeed(LogStore, LogStore.of({ signer, open })).pipe(
        Layer.merge(Layer.succeed(Leases, Leases.of(leases)))
      )
    })
  )

const storedLog = (sql: SqlClient, account: AccountId, fence: StoredLog["fence"]): StoredLog => {
  const end = Effect.gen(function* () {
    const rows = yield* sql<{ readonly head: string | null; readonly line: string | null }>`select
      (select head from keysweep_head where account = ${account}) as head,
      (select line from keysweep_log where account = ${account} order by seq desc limit 1) as line`
    const line = rows[0]?.line ?? null
    const tip = line === null ? Option.some(origin) : tipOf(line)
    if (Option.isNone(tip))
      return yield* new LogUnavailable({
        detail: 'the last line of the log is not a record; look at it with "log verify"'
      })
    return { tip: tip.value, head: rows[0]?.head ?? null, notes: [] }
  })

  const write = (found: StoredTip, { head, lines }: Addition) => {
    const rows = lines.map((line, i) => ({ account, seq: found.tip.seq + 1 + i, line }))
    return sql`with lines as (insert into keysweep_log ${sql.insert(rows)})
      insert into keysweep_head (account, head) values (${account}, ${head()})
      on conflict (account) do update set head = excluded.head`
  }

  const append: StoredLog["append"] = (add) =>
    Effect.gen(function* () {
      const found = yield* end
      yield* write(found, yield* add(found))
    }).pipe(exclusively(sql, `append/${account}`), (work) => refused(work, unavailable))

  /** A page is at most 1,000 lines and about 4 MiB, whatever somebody has put into the table. */
  const page = (from: number) =>
    answered(
      sql<{ readonly seq: number; readonly line: string }>`select seq::float8 as seq, line from (
        select seq, line, sum(octet_length(line)) over (order by seq) as bytes
        from (select seq, line from keysweep_log
          where account = ${account} and seq >= ${from} order by seq limit 1000) as first
      ) as counted where bytes <= ${4 * maxLineBytes} order by seq`,
      unavailable
    )

  const lines: StoredLog["lines"] = (from) =>
    Stream.paginateChunkEffect(Math.max(1, from), (start) =>
      Effect.map(page(start), (rows) => {
        const last = rows.at(-1)
        const found = Chunk.unsafeFromArray(rows.map(({ line }) => ({ text: line, torn: false })))
        return [found, last === undefined ? Option.none() : Option.some(last.seq + 1)]
      })
    )

  const head = answered(
    Effect.map(
      sql<{ readonly head: string }>`select head from keysweep_head where account = ${account}`,
      (rows) => rows[0]?.head ?? null
    ),
    unavailable
  )

  return { append, lines, head, fence }
}

const tipOf = (line: string): Option.Option<Tip> =>
  Option.flatMap(envelopeOf(line), ({ hash, seq }) =>
    Option.contains(hashOfLine(line), hash) ? Option.some({ seq, hash }) : Option.none()
  )

const unavailable = (detail: string) => new LogUnavailable({ detail })
