import { SqlClient } from "@effect/sql/SqlClient"
import { answered } from "@keysweep/audit/store/PgTrouble"
import { Clock, Context, Effect, Layer } from "effect"

/** A request that Slack has signed, and whether it is to be let in. */
export type Admission = "admitted" | "future timestamp" | "replay"

/** Whether something may be taken, over all servers. `not known`: the database did not say. */
export type Claim = "admitted" | "replay" | "not known"

/** Seconds that a sender's clock may be ahead of ours. */
const ahead = 60
/** Seconds that a signature is remembered: longer than one is accepted (300), counted from the latest time it may bear. */
const remembered = 600
/** What one person may ask for within a minute: commands, clicks and forms. */
const mostPerMinute = 30

/**
 * Lets each signed request in once, over all servers of the bot, and each person often enough. Bolt refuses signatures
 * older than 5 minutes, but neither those of the future nor one that comes twice.
 */
export class RequestGuard extends Context.Tag("@keysweep/slack-bot/RequestGuard")<
  RequestGuard,
  {
    /**
     * At once, by what this server has seen. Only signatures that were verified may be asked about: each is remembered.
     * `seconds` is its own timestamp.
     */
    readonly admit: (signature: string, seconds: number) => Effect.Effect<Admission>
    /** Before anything is done for it, by its signature or another name that it alone has: another server may have it. */
    readonly once: (name: string) => Effect.Effect<Claim>
    /** Whether this person may ask for one more thing now; it counts. */
    readonly mayAsk: (user: string) => Effect.Effect<boolean>
  }
>() {
  static readonly layer: Layer.Layer<RequestGuard, never, SqlClient> = Layer.effect(
    RequestGuard,
    Effect.map(SqlClient, (sql) => ({
      admit: admitting(new Map()),
      once: (name) => unseen(sql, name),
      mayAsk: (user) =>
        answered(
          sql`with old as (delete from keysweep_slack_use where at < clock_timestamp() - interval '1 minute')
            insert into keysweep_slack_use (who, at) select ${user}, clock_timestamp()
            where (select count(*) from keysweep_slack_use
              where who = ${user} and at >= clock_timestamp() - interval '1 minute') < ${mostPerMinute}
            returning who`,
          () => null
        ).pipe(
          Effect.map((rows) => rows.length === 1),
          // What needs the database says itself that it is not there.
          Effect.orElseSucceed(() => true)
        )
    }))
  )
}

/** `seen`: until when each is remembered, oldest first. */
const admitting =
  (seen: Map<string, number>) =>
  (signature: string, seconds: number): Effect.Effect<Admission> =>
    Effect.map(Clock.currentTimeMillis, (millis) => {
      const now = millis / 1000
      if (!(seconds <= now + ahead)) return "future timestamp"
      for (const [old, until] of seen) {
        if (until >= now) break
        seen.delete(old)
      }
      if (seen.has(signature)) return "replay"
      seen.set(signature, now + remembered)
      return "admitted"
    })

const unseen = (sql: SqlClient, signature: string): Effect.Effect<Claim> =>
  answered(
    sql`with old as (delete from keysweep_slack_seen where until < clock_timestamp())
      insert into keysweep_slack_seen (signature, until)
      values (${signature}, clock_timestamp() + ${remembered}::float8 * interval '1 second')
      on conflict do nothing returning signature`,
    () => null
  ).pipe(
    Effect.timeoutFail({ duration: "2 seconds", onTimeout: () => null }),
    Effect.map((rows): Claim => (rows.length === 1 ? "admitted" : "replay")),
    Effect.orElseSucceed((): Claim => "not known")
  )

/** Why a request was refused whose signature did not verify. `seconds` is its own timestamp. */
export const refusalOf = (seconds: number): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) => (seconds < now / 1000 - 300 ? "stale timestamp" : "forged signature"))
