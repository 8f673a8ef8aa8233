import { SqlClient } from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { asked, type Stored } from "./Stored.ts"

/** What the bot does again and again without being asked. */
export const ChoreName = Schema.Literal("soaks", "audit")
export type ChoreName = typeof ChoreName.Type

/** What is remembered from one time to the next. */
export const ChoreNote = Schema.Struct({
  /** When it was last done. */
  last: Schema.NullOr(Schema.DateTimeUtc),
  /** `soaks`: the end of the log as the messages show it. */
  anchor: Schema.NullOr(Schema.String),
  /** `soaks`: what is due and may not be done now, by the run that disabled the keys. */
  waiting: Schema.Array(Schema.Struct({ run: Schema.String, why: Schema.String }))
})
export type ChoreNote = typeof ChoreNote.Type

/** A chore that this server has, for the nth time. */
export interface Chore {
  readonly name: ChoreName
  readonly look: number
  readonly note: ChoreNote
}

/**
 * The chores of all servers of one bot: each is done by one of them at a time, and a server that dies with one is
 * followed by another. When they are due, and what was done, is written down, so that a restart does nothing twice.
 */
export class Chores extends Context.Tag("@keysweep/slack-bot/Chores")<
  Chores,
  {
    /** Takes one whose time has come, for 20 s; nothing where none has. */
    readonly due: Stored<Chore | null>
    /** Keeps what was taken for another 20 s, if it is still ours. */
    readonly attend: (chore: Chore) => Stored<void>
    /** Leaves it alone for so many milliseconds. */
    readonly rest: (chore: Chore, millis: number) => Stored<void>
    /** Remembers something, if the chore is still ours; `false`: it is not, and whoever has it decides. */
    readonly remember: (chore: Chore, note: ChoreNote) => Stored<boolean>
    readonly note: (name: ChoreName) => Stored<ChoreNote>
  }
>() {
  static readonly layer: Layer.Layer<Chores, never, SqlClient> = Layer.effect(Chores, Effect.map(SqlClient, make))
}

function make(sql: SqlClient): Context.Tag.Service<Chores> {
  return {
    due: asked(
      sql<Row>`update keysweep_slack_chore
        set look = look + 1, looking = true, wake_at = clock_timestamp() + interval '20 seconds'
        where name = (select name from keysweep_slack_chore where wake_at <= clock_timestamp()
          order by wake_at limit 1 for update skip locked)
        returning name, look, note`
    ).pipe(
      Effect.map(([row]) =>
        row !== undefined && isChoreName(row.name) ? { name: row.name, look: row.look, note: noteOf(row) } : null
      )
    ),
    attend: ({ look, name }) =>
      Effect.asVoid(
        asked(sql`update keysweep_slack_chore set wake_at = clock_timestamp() + interval '20 seconds'
          where name = ${name} and look = ${look} and looking`)
      ),
    rest: ({ look, name }, millis) =>
      Effect.asVoid(
        asked(sql`update keysweep_slack_chore set looking = false, wake_at = clock_timestamp() + ${millis}::float8 * interval '1 millisecond'
          where name = ${name} and look = ${look}`)
      ),
    remember: ({ look, name }, note) =>
      asked(sql`update keysweep_slack_chore set note = ${encodeNote(note)}
        where name = ${name} and look = ${look} returning name`).pipe(Effect.map((rows) => rows.length === 1)),
    note: (name) =>
      Effect.map(asked(sql<Row>`select name, look, note from keysweep_slack_chore where name = ${name}`), ([row]) =>
        row === undefined ? nothing : noteOf(row)
      )
  }
}

interface Row {
  readonly name: string
  readonly look: number
  readonly note: string | null
}

const nothing: ChoreNote = { last: null, anchor: null, waiting: [] }

/** What an older or newer version has remembered is worth less than going on. */
const noteOf = ({ note }: Row): ChoreNote => Option.getOrElse(decodeNote(note), () => nothing)

const decodeNote = Schema.decodeUnknownOption(Schema.parseJson(ChoreNote))
const encodeNote = Schema.encodeSync(Schema.parseJson(ChoreNote))
const isChoreName = Schema.is(ChoreName)
