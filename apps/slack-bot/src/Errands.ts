import { SqlClient } from "@effect/sql/SqlClient"
import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { type Claims, claimsOf } from "./Claims.ts"
import { Errand, ErrandId, type ErrandNow, makeErrandId } from "./Errand.ts"
import { Ending, Posted } from "./Request.ts"
import { asked, encoded, readColumn, RequestsUnavailable, type Stored } from "./Stored.ts"

/** What goes on without a plan to press on, shared by every server of the bot like its requests. */
export class Errands extends Context.Tag("@keysweep/slack-bot/Errands")<
  Errands,
  Pick<Claims<ErrandId>, "attend" | "due" | "rest"> & {
    /** On record; whichever server comes first begins. */
    readonly open: (errand: Omit<Errand, "schema" | "id" | "at">) => Stored<ErrandId>
    readonly find: (id: ErrandId) => Stored<ErrandNow | null>
    /** Whether this call is the one that posts its message; what is lost is not posted again. */
    readonly posting: (id: ErrandId) => Stored<boolean>
    readonly posted: (id: ErrandId, ts: string) => Stored<void>
    readonly end: (id: ErrandId, ending: Omit<Ending, "at">) => Stored<void>
    readonly told: (id: ErrandId) => Stored<boolean>
  }
>() {
  static readonly layer: Layer.Layer<Errands, never, SqlClient> = Layer.effect(Errands, Effect.map(SqlClient, make))
}

/** As it is without a row. */
export const errandOf = (asked: Omit<Errand, "schema" | "id" | "at">): Effect.Effect<Errand> =>
  Effect.gen(function* () {
    const id = ErrandId.make(yield* makeErrandId)
    return { ...asked, schema: "keysweep.slack-errand/1", id, at: yield* DateTime.now }
  })

function make(sql: SqlClient): Context.Tag.Service<Errands> {
  const { attend, due, rest, write } = claimsOf(sql, "keysweep_slack_errand", Schema.is(ErrandId))
  const once = (id: ErrandId, fact: string): Stored<boolean> =>
    Effect.flatMap(DateTime.now, (at) => write(id, fact, Schema.DateTimeUtc, at))
  return {
    attend,
    due,
    rest,
    open: (wanted) =>
      Effect.gen(function* () {
        const errand = yield* errandOf(wanted)
        const text = yield* encoded(Errand, errand)
        yield* asked(sql`insert into keysweep_slack_errand (id, opened) values (${errand.id}, ${text})`)
        return errand.id
      }),
    find: (id) =>
      asked(sql<Row>`select id, opened, posted, ended, told from keysweep_slack_errand where id = ${id}`).pipe(
        Effect.flatMap(([row]) => (row === undefined ? Effect.succeed(null) : now(row)))
      ),
    posting: (id) => once(id, "posting"),
    posted: (id, ts) => Effect.asVoid(write(id, "posted", Posted, { ts })),
    end: (id, ending) =>
      Effect.flatMap(DateTime.now, (at) => Effect.asVoid(write(id, "ended", Ending, { ...ending, at }))),
    told: (id) => once(id, "told")
  }
}

interface Row {
  readonly id: string
  readonly opened: string
  readonly posted: string | null
  readonly ended: string | null
  readonly told: string | null
}

const now = ({ ended, id, opened, posted, told }: Row): Stored<ErrandNow> =>
  Effect.gen(function* () {
    const errand = yield* Schema.decode(Schema.parseJson(Errand))(opened)
    const ts = (yield* readColumn(posted, Posted))?.ts ?? null
    return { ...errand, ts, ending: yield* readColumn(ended, Ending), told: told !== null }
  }).pipe(Effect.mapError(() => new RequestsUnavailable({ detail: `${id} is not what it should be` })))
