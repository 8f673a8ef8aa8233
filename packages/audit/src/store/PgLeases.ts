import type { SqlClient } from "@effect/sql/SqlClient"
import type { AccountId } from "@keysweep/core/Account"
import { DateTime, Effect, Either, Option, Ref, Schedule, Schema, Scope } from "effect"
import { type LeaseHeld, leaseHeldBy, type Leases } from "../Lease.ts"
import { LogUnavailable, type StoredLog } from "../LogStore.ts"
import { machineClock } from "../MachineClock.ts"
import type { RunId } from "../RunId.ts"
import { LockHolder } from "./FileLock.ts"
import { exclusively } from "./PgTransaction.ts"
import { answered, refused } from "./PgTrouble.ts"
import { lifeOf, osUser, type ProcessMark, randomToken, thisProcess } from "./Process.ts"

interface Lease {
  readonly run: RunId
  readonly fence: number
}

interface Row {
  readonly fence: number
  /** `null`: free. */
  readonly holder: string | null
  /** Seconds, on the server's clock. */
  readonly silent: number
}

/** How often a holder says that it lives, and after how many seconds of silence a holder elsewhere counts as dead. */
const sayEvery = "5 seconds"
const deadAfter = 30

/**
 * Leases as one row per account. A holder on this machine is dead when its process is; one elsewhere when it has not said
 * for 30 s that it lives. The fence is looked at, and the row locked, in the transaction of each addition to the log: so
 * an addition is either before the end of its lease or refused.
 */
export const makePgLeases = (
  sql: SqlClient
): Effect.Effect<
  { readonly leases: Leases["Type"]; readonly fence: (account: AccountId) => StoredLog["fence"] },
  never,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const here = yield* thisProcess
    const keeper = yield* randomToken
    const held = yield* Ref.make<ReadonlyMap<AccountId, Lease>>(new Map())
    /** Leases that ended while the database was away: as long as this process lives, nobody else may end them. */
    const left = yield* Ref.make<ReadonlyArray<readonly [AccountId, fence: number]>>([])

    const row = (account: AccountId) =>
      Effect.map(
        sql<Row>`select fence, holder, extract(epoch from clock_timestamp() - seen)::float8 as silent
          from keysweep_lease where account = ${account}`,
        (rows) => Option.fromNullable(rows[0])
      )

    const inTheWay = (found: Option.Option<Row>): LeaseHeld | null =>
      Option.match(found, {
        onNone: () => null,
        onSome: ({ fence, holder, silent }) => {
          if (holder === null) return null
          const known = Option.getOrNull(Either.getRight(decodeHolder(holder)))
          return isDead(known, here, silent) ? null : leaseHeldBy(fence, known)
        }
      })

    const leave = (account: AccountId, fence: number) =>
      answered(
        sql`update keysweep_lease set holder = null, keeper = null
          where account = ${account} and fence = ${fence} and keeper = ${keeper}`,
        unavailable
      ).pipe(Effect.catchAll(() => Ref.update(left, (all) => [...all, [account, fence] as const])))

    const release = (account: AccountId, fence: number) =>
      Ref.update(
        held,
        (all) => new Map([...all].filter(([id, lease]) => id !== account || lease.fence !== fence))
      ).pipe(Effect.zipRight(leave(account, fence)))

    /** Nobody knows how a commit ended whose answer was lost or came too late: what may have been taken is let go. */
    const take = (account: AccountId, run: RunId, holder: LockHolder, scope: Scope.Scope) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const taken = yield* Ref.make<number | null>(null)
          const claim = Effect.gen(function* () {
            const found = yield* row(account)
            const error = inTheWay(found)
            if (error !== null) return yield* error
            const fence = 1 + Option.match(found, { onNone: () => 0, onSome: (it) => it.fence })
            yield* Ref.set(taken, fence)
            yield* sql`insert into keysweep_lease (account, fence, keeper, holder, seen)
              values (${account}, ${fence}, ${keeper}, ${JSON.stringify(holder)}, clock_timestamp())
              on conflict (account) do update set fence = excluded.fence, keeper = excluded.keeper,
                holder = excluded.holder, seen = excluded.seen`
            return fence
          })
          const fence = yield* restore(exclusively(sql, `lease/${account}`)(claim)).pipe(
            Effect.onError(() =>
              Effect.flatMap(Ref.get(taken), (it) => (it === null ? Effect.void : release(account, it)))
            )
          )
          yield* Ref.update(held, (all) => new Map(all).set(account, { run, fence }))
          yield* Scope.addFinalizer(scope, release(account, fence))
          return { fence }
        })
      )

    const hold: Leases["Type"]["hold"] = (account, run, actor) =>
      Effect.gen(function* () {
        const since = DateTime.formatIso(yield* DateTime.now)
        const scope = yield* Effect.scope
        const holder = { ...here, actor: actor?.name ?? (yield* osUser), run, since, token: keeper }
        return yield* answered(take(account, run, holder, scope), unavailable)
      })

    const alive = Effect.gen(function* () {
      for (const [account, fence] of yield* Ref.getAndSet(left, [])) yield* leave(account, fence)
      const accounts = [...(yield* Ref.get(held)).keys()]
      if (accounts.length === 0) return
      yield* sql`update keysweep_lease set seen = clock_timestamp()
        where keeper = ${keeper} and ${sql.in("account", accounts)}`
    })
    yield* Effect.forkScoped(
      Effect.repeat(Effect.ignore(answered(alive, unavailable)), Schedule.spaced(sayEvery))
    ).pipe(Effect.withClock(machineClock))

    const fence = (account: AccountId) => (run: RunId) =>
      Effect.gen(function* () {
        const lease = (yield* Ref.get(held)).get(account)
        if (lease === undefined || lease.run !== run) return null
        const mine = yield* sql`select from keysweep_lease
          where account = ${account} and fence = ${lease.fence} and keeper = ${keeper} for share`
        if (mine.length === 1) return lease.fence
        return yield* new LogUnavailable({
          detail: `the lease ${lease.fence} of this run was ended by somebody else`
        })
      }).pipe((work) => refused(work, unavailable))

    return {
      fence,
      leases: {
        hold,
        holder: (account) => Effect.map(answered(row(account), unavailable), inTheWay),
        end: (account, number) =>
          Effect.asVoid(
            answered(
              exclusively(
                sql,
                `lease/${account}`
              )(sql`update keysweep_lease set holder = null, keeper = null
                where account = ${account} and fence = ${number}`),
              unavailable
            )
          )
      }
    }
  })

const isDead = (holder: LockHolder | null, here: ProcessMark, silent: number): boolean => {
  const life = holder === null ? "elsewhere" : lifeOf(holder, here)
  return life === "dead" || (life === "elsewhere" && silent > deadAfter)
}

const decodeHolder = Schema.decodeUnknownEither(Schema.parseJson(LockHolder))

const unavailable = (detail: string) => new LogUnavailable({ detail })
