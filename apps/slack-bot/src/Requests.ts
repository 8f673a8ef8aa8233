import { SqlClient } from "@effect/sql/SqlClient"
import type { Plan } from "@keysweep/revocation/Plan"
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { type Claims, claimsOf } from "./Claims.ts"
import { Confirmation, Ending, makeRequestId, Opened, Posted, type Request, RequestId, Taken } from "./Request.ts"
import { asked, encoded, readColumn, RequestsUnavailable, type Stored } from "./Stored.ts"

/**
 * What was asked for in Slack, shared by every server of the bot, so that a restart forgets nothing. Each fact of a
 * request is written once, so of two who want to decide the same thing exactly one does.
 */
export class Requests extends Context.Tag("@keysweep/slack-bot/Requests")<
  Requests,
  Omit<Claims<RequestId>, "write"> & {
    readonly open: (plan: Plan, requester: string, channel: string) => Stored<Request>
    readonly find: (id: RequestId) => Stored<Option.Option<Request>>
    readonly posted: (id: RequestId, ts: string) => Stored<void>
    /** Whether this call wrote it; `false`: it had been written before. The same for `take` and `end`. */
    readonly confirm: (id: RequestId, by: string) => Stored<boolean>
    readonly take: (id: RequestId, how: "run" | "cancel", by: string) => Stored<boolean>
    readonly end: (id: RequestId, ending: Omit<Ending, "at">) => Stored<boolean>
    /** That its end is told, and that what it overrides is announced: by this call, or `false`. */
    readonly told: (id: RequestId) => Stored<boolean>
    readonly announced: (id: RequestId) => Stored<boolean>
    /** Its message was lost, and is there anew. */
    readonly moved: (id: RequestId, ts: string) => Stored<void>
    /** One more phrase that was not the right one; how many there were. */
    readonly missed: (id: RequestId) => Stored<number>
    /** What its message was last made to show, in whatever words it was kept in. */
    readonly shown: (id: RequestId) => Stored<string | null>
    readonly keepShown: (id: RequestId, what: string | null) => Stored<void>
    /** Has everything looked at that is not over: something may have changed for it. */
    readonly wakeAll: Stored<void>
    /** A run has ended: of those that wait for their turn, which comes every few seconds, the oldest has it now. */
    readonly wakeNext: Stored<void>
    /** Every request without an ending, oldest first. */
    readonly unfinished: Stored<ReadonlyArray<Request>>
  }
>() {
  static readonly layer: Layer.Layer<Requests, never, SqlClient> = Layer.effect(Requests, Effect.map(SqlClient, make))
}

function make(sql: SqlClient): Context.Tag.Service<Requests> {
  const { attend, due, rest, wake, write } = claimsOf(sql, "keysweep_slack_request", Schema.is(RequestId))

  const rows = (id: RequestId) =>
    sql<Row>`select id, opened, posted, confirmed, taken, ended, told from keysweep_slack_request where id = ${id}`

  const once = (id: RequestId, fact: string): Stored<boolean> =>
    Effect.flatMap(DateTime.now, (at) => write(id, fact, Schema.DateTimeUtc, at))

  const number = (work: ReturnType<typeof sql<{ readonly n: number }>>): Stored<number> =>
    Effect.map(asked(work), (found) => found[0]?.n ?? 0)

  return {
    find: (id) =>
      Effect.flatMap(asked(rows(id)), ([row]) =>
        row === undefined ? Effect.succeed(Option.none()) : Effect.asSome(requestOf(row))
      ),
    open: (plan, requester, channel) =>
      Effect.gen(function* () {
        const id = RequestId.make(yield* makeRequestId)
        const at = yield* DateTime.now
        const opened = { schema: "keysweep.slack-request/1" as const, id, at, plan, requester, channel }
        const text = yield* encoded(Opened, opened)
        yield* asked(sql`insert into keysweep_slack_request (id, opened) values (${id}, ${text})`)
        return { ...opened, ts: null, confirmation: null, taken: null, ending: null, told: false }
      }),
    posted: (id, ts) => Effect.asVoid(write(id, "posted", Posted, { ts })),
    confirm: (id, by) => Effect.flatMap(DateTime.now, (at) => write(id, "confirmed", Confirmation, { by, at })),
    take: (id, how, by) => Effect.flatMap(DateTime.now, (at) => write(id, "taken", Taken, { how, by, at })),
    end: (id, ending) => Effect.flatMap(DateTime.now, (at) => write(id, "ended", Ending, { ...ending, at })),
    told: (id) => once(id, "told"),
    announced: (id) => once(id, "announced"),
    moved: (id, ts) =>
      Effect.flatMap(encoded(Posted, { ts }), (text) =>
        Effect.asVoid(asked(sql`update keysweep_slack_request set posted = ${text} where id = ${id}`))
      ),
    missed: (id) =>
      number(sql`update keysweep_slack_request set misses = misses + 1 where id = ${id} returning misses as n`),
    attend,
    due,
    rest,
    wake,
    shown: (id) =>
      asked(sql<{ readonly shown: string | null }>`select shown from keysweep_slack_request where id = ${id}`).pipe(
        Effect.map(([row]) => row?.shown ?? null)
      ),
    keepShown: (id, what) =>
      Effect.asVoid(asked(sql`update keysweep_slack_request set shown = ${what} where id = ${id}`)),
    wakeAll: Effect.asVoid(
      asked(sql`update keysweep_slack_request
        set again = true, wake_at = case when looking then wake_at else clock_timestamp() end
        where ended is null`)
    ),
    wakeNext: Effect.asVoid(
      asked(sql`update keysweep_slack_request set wake_at = clock_timestamp()
        where id = (select id from keysweep_slack_request
          where ended is null and taken is not null and not looking and wake_at < clock_timestamp() + interval '5 seconds'
          order by id limit 1 for update skip locked)`)
    ),
    unfinished: Effect.flatMap(
      asked(sql<Row>`select id, opened, posted, confirmed, taken, ended, told
        from keysweep_slack_request where ended is null order by id`),
      (rows) => Effect.map(Effect.forEach(rows, readable), (all) => all.flat())
    )
  }
}

interface Row {
  readonly id: string
  readonly opened: string
  readonly posted: string | null
  readonly confirmed: string | null
  readonly taken: string | null
  readonly ended: string | null
  readonly told: string | null
}

/** One that cannot be read keeps nobody from the others. */
const readable = (row: Row) =>
  Effect.catchAll(Effect.map(requestOf(row), Array.of), (error) => Effect.as(Effect.logError(error.message), []))

const requestOf = (row: Row): Stored<Request> => {
  return Effect.gen(function* () {
    const opened = yield* Schema.decode(Schema.parseJson(Opened))(row.opened)
    return {
      ...opened,
      ts: (yield* readColumn(row.posted, Posted))?.ts ?? null,
      confirmation: yield* readColumn(row.confirmed, Confirmation),
      taken: yield* readColumn(row.taken, Taken),
      ending: yield* readColumn(row.ended, Ending),
      told: row.told !== null
    }
  }).pipe(Effect.mapError(() => new RequestsUnavailable({ detail: `${row.id} is not what it should be` })))
}
