import { SqlClient } from "@effect/sql/SqlClient"
import { RunId } from "@keysweep/audit/RunId"
import { Context, Effect, Layer, Schema } from "effect"
import { asked, type Stored } from "./Stored.ts"

/** The message of a soak that was begun elsewhere. */
export interface SoakNote {
  readonly run: RunId
  readonly channel: string
  /** Nothing: it is not posted, or that it is was lost. */
  readonly ts: string | null
  /** What it was last made to show. */
  readonly shown: string | null
}

/** The messages of soaks that nobody has asked for in Slack, shared by every server. */
export class SoakNotes extends Context.Tag("@keysweep/slack-bot/SoakNotes")<
  SoakNotes,
  {
    /** Those whose soak is not over, as their messages show it. */
    readonly open: Stored<ReadonlyArray<SoakNote>>
    /** Whether this call is the one that posts it: of many one does. */
    readonly posting: (run: RunId, channel: string) => Stored<boolean>
    /** Slack did not take it: it is posted when somebody comes again. */
    readonly notPosted: (run: RunId) => Stored<void>
    readonly posted: (run: RunId, ts: string) => Stored<void>
    readonly keepShown: (run: RunId, what: string, isOver: boolean) => Stored<void>
  }
>() {
  static readonly layer: Layer.Layer<SoakNotes, never, SqlClient> = Layer.effect(SoakNotes, Effect.map(SqlClient, make))
}

function make(sql: SqlClient): Context.Tag.Service<SoakNotes> {
  return {
    open: Effect.map(
      asked(sql<typeof Row.Encoded>`select run, channel, ts, shown from keysweep_slack_soak where not is_over`),
      (rows) => rows.filter(Schema.is(Row))
    ),
    posting: (run, channel) =>
      asked(sql`insert into keysweep_slack_soak (run, channel) values (${run}, ${channel})
        on conflict do nothing returning run`).pipe(Effect.map((rows) => rows.length === 1)),
    notPosted: (run) => Effect.asVoid(asked(sql`delete from keysweep_slack_soak where run = ${run} and ts is null`)),
    posted: (run, ts) => Effect.asVoid(asked(sql`update keysweep_slack_soak set ts = ${ts} where run = ${run}`)),
    keepShown: (run, what, isOver) =>
      Effect.asVoid(asked(sql`update keysweep_slack_soak set shown = ${what}, is_over = ${isOver} where run = ${run}`))
  }
}

const Row = Schema.Struct({
  run: RunId,
  channel: Schema.String,
  ts: Schema.NullOr(Schema.String),
  shown: Schema.NullOr(Schema.String)
})
