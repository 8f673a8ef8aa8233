import { SqlClient } from "@effect/sql/SqlClient"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { PacerStore } from "@keysweep/core/PacerStore"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Exit, Layer, Option, Redacted, Scope } from "effect"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { inject } from "vitest"
import { BackupStore } from "../src/BackupStore.ts"
import { hold, Leases } from "../src/Lease.ts"
import { Log } from "../src/Log.ts"
import { LogStore, LogUnavailable } from "../src/LogStore.ts"
import * as PgDatabase from "../src/store/PgDatabase.ts"
import { exclusively } from "../src/store/PgTransaction.ts"
import { numbers, operator, runId, said, startChild } from "./support/Fixture.ts"
import { database, kinds, pgStores, type Place, withDatabase, withLogAt } from "./support/Place.ts"

const trials = Number(process.env["KEYSWEEP_TRIALS"] ?? 10)
const url = inject("postgres") ?? ""
const postgres = kinds.filter((kind) => kind.name === "PostgreSQL")

for (const { make } of postgres) {
  describe("the tables", () => {
    it.live("are made once, however many programs start at the same time on an empty database", () =>
      Effect.gen(function* () {
        yield* withDatabase((sql) => sql`create schema at_once`)
        const open = Layer.build(opened("at_once"))
        const programs = yield* Effect.all(
          numbers(6).map(() => open),
          { concurrency: "unbounded" }
        )
        assert.lengthOf(programs, 6)
        const rows = yield* withDatabase((sql) => sql`select migration_id from at_once.keysweep_migrations`)
        assert.deepStrictEqual(rows, [{ migration_id: 1 }])
      }).pipe(Effect.scoped)
    )

    it.live("that a newer Keysweep has changed are refused", () =>
      Effect.gen(function* () {
        yield* withDatabase((sql) => sql`create schema newer`)
        yield* Effect.scoped(Layer.build(opened("newer")))
        yield* withDatabase((sql) => sql`insert into newer.keysweep_migrations (migration_id, name) values (99, 'x')`)
        const error = yield* Effect.flip(Effect.scoped(Layer.build(opened("newer"))))
        assert.include(error.message, "update this one")
      })
    )

    it.live("keep every line of a log: none is changed or removed by mistake", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* withLogAt(place, (log) => log.append(said("x")))
        for (const mistake of [
          "update keysweep_log set line = 'x'",
          "delete from keysweep_log",
          "truncate keysweep_log"
        ]) {
          const result = yield* withDatabase((sql) => Effect.either(sql.unsafe(mistake)))
          assert.isTrue(Either.isLeft(result), mistake)
        }
        assert.isTrue((yield* withLogAt(place, (log) => log.verify())).ok)
      })
    )

    it.live("hold neither the signing key nor anything by which a run could be forged", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* withLogAt(place, (log) => log.append(said("x")))
        const text = yield* withDatabase(
          (sql) => sql<{ all: string }>`select query_to_xml('select * from keysweep_log', true, false, '')::text
            || query_to_xml('select * from keysweep_head', true, false, '')::text as all`
        )
        assert.include(text[0]?.all, "ed25519:")
        assert.notInclude(text[0]?.all, "PRIVATE KEY")
      })
    )
  })

  describe("I9: a database that cannot be used", () => {
    const cases: ReadonlyArray<readonly [string, string, RegExp]> = [
      ["is not there", "postgres://keysweep:hidden@127.0.0.1:1/postgres", /cannot be reached \(ECONNREFUSED\)/],
      ["refuses the password", url.replace("test-only", "hidden"), /refuses this user or password \(28P01\)/],
      ["has another name", url.replace(/postgres$/, "hidden"), /does not exist/],
      ["has an address that is none", "hidden", /DATABASE_URL is not of the form/],
      ["has an address for something else", "https://u:hidden@example.com", /DATABASE_URL is not of the form/]
    ]
    for (const [what, address, words] of cases) {
      it.live(`${what}: said in words that show no password`, () =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(Effect.scoped(Layer.build(PgDatabase.layer(Redacted.make(address)))))
          assert.strictEqual(error._tag, "DatabaseUnavailable")
          assert.match(error.message, words)
          assert.notInclude(JSON.stringify(error) + error.message, "hidden")
        })
      )
    }

    it.live(
      "ends all connections again and again: nothing that was acknowledged is lost",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          const child = startChild("append", [place.address, place.account, "1000000", "8"])
          yield* until(() => child.output().includes("\n"))
          yield* Effect.gen(function* () {
            const sql = yield* SqlClient
            for (const trial of numbers(trials)) {
              yield* Effect.sleep((trial * 7919) % 40)
              // Whoever dies may be in the middle of anything; the program that is cut off says so and ends.
              yield* sql`select pg_terminate_backend(pid) from pg_stat_activity
              where pid <> pg_backend_pid() and application_name = 'keysweep'`
              yield* Effect.retry(
                withLogAt(place, (log) => log.append(said(`after trial ${trial}`))),
                { times: 3 }
              )
            }
          }).pipe(Effect.provide(database))
          child.process.kill("SIGKILL")
          yield* Effect.promise(() => child.ended)
          const last = Math.max(...child.output().split("\n").slice(0, -1).map(Number))
          yield* withLogAt(place, (log) =>
            Effect.gen(function* () {
              const verification = yield* log.verify()
              assert.isTrue(verification.ok && verification.records >= last, JSON.stringify(verification))
              const own = (yield* log.records).filter(
                ({ event }) => event._tag === "Refused" && event.what.startsWith("after trial")
              )
              assert.isAtLeast(own.length, trials)
            })
          )
        }),
      180_000 + trials * 500
    )
  })

  describe("an exclusive transaction", () => {
    it.live("is durable whatever the server's default is", () =>
      Effect.gen(function* () {
        const lax = PgDatabase.layer(Redacted.make(`${url}?options=-c%20synchronous_commit%3Doff`))
        const found = yield* Effect.flatMap(SqlClient, (sql) =>
          Effect.all([
            sql`show synchronous_commit`,
            exclusively(sql, "test")(sql`show synchronous_commit`),
            sql`show synchronous_commit`
          ])
        ).pipe(Effect.provide(lax))
        assert.deepStrictEqual(
          found.map(([row]) => row),
          [{ synchronous_commit: "off" }, { synchronous_commit: "on" }, { synchronous_commit: "off" }]
        )
      })
    )

    it.live("is one of its own inside another's, which may be rolled back", () =>
      Effect.gen(function* () {
        const place = yield* make
        const id = "bk_000000000_0000000000"
        const found = yield* Effect.gen(function* () {
          const sql = yield* SqlClient
          const backups = yield* BackupStore
          const undone = Effect.zipRight(backups.put(place.account, id, Buffer.from("x")), Effect.fail("undo"))
          assert.strictEqual(yield* Effect.flip(sql.withTransaction(undone)), "undo")
          return yield* backups.get(place.account, id)
        }).pipe(Effect.provide(Layer.provideMerge(pgStores(place.home), database)))
        assert.isTrue(Option.isSome(found))
      })
    )

    it.live("lets nobody else in", () =>
      Effect.gen(function* () {
        let inside = 0
        let worst = 0
        const work = Effect.gen(function* () {
          inside += 1
          worst = Math.max(worst, inside)
          yield* Effect.sleep(1)
          inside -= 1
        })
        const programs = yield* Effect.all(numbers(2).map(() => Layer.build(database)))
        yield* Effect.forEach(
          [...programs, ...programs, ...programs],
          (program) =>
            Effect.flatMap(SqlClient, (sql) => Effect.repeatN(exclusively(sql, "alone")(work), 4)).pipe(
              Effect.provide(program)
            ),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(worst, 1)
      }).pipe(Effect.scoped)
    )
  })

  describe("a lease whose holder does not answer, in PostgreSQL", () => {
    it.live(
      "of a dead process of this machine: six race for it, one gets it",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          const sql = yield* SqlClient
          const programs = yield* Effect.all(numbers(6).map(() => Layer.build(program(place))))
          const child = startChild("lease", [place.address, place.account, runId(1)])
          yield* until(() => child.output().includes("holds"))
          const { holder } = yield* rowOf(place)
          child.process.kill("SIGKILL")
          yield* Effect.promise(() => child.ended)
          for (const round of numbers(trials)) {
            // The dead one holds it again, under the newest number.
            yield* sql`update keysweep_lease set holder = ${holder} where account = ${place.account}`
            const scope = yield* Scope.make()
            const results = yield* Effect.forEach(
              programs,
              (it, i) => Effect.either(Effect.provide(Scope.extend(hold(place.account, runId(i)), scope), it)),
              { concurrency: "unbounded" }
            )
            assert.deepStrictEqual(
              results.filter(Either.isRight).map((it) => it.right.fence),
              [round + 2]
            )
            yield* Scope.close(scope, Exit.void)
          }
        }).pipe(Effect.scoped, Effect.provide(database)),
      180_000 + trials * 200
    )

    it.live(
      "of another machine: held for as long as it was heard of within 30 s, and its records are refused after",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          yield* Effect.gen(function* () {
            const log = yield* Log
            yield* hold(place.account, runId(1))
            const elsewhere = JSON.stringify({ ...JSON.parse((yield* rowOf(place)).holder), host: "another" })
            const heard = (seconds: number) =>
              withDatabase(
                (sql) => sql`update keysweep_lease set holder = ${elsewhere},
                seen = clock_timestamp() - make_interval(secs => ${seconds}) where account = ${place.account}`
              )
            const other = Effect.either(Effect.scoped(hold(place.account, runId(2)))).pipe(
              Effect.provide(program(place))
            )
            yield* heard(20)
            assert.isTrue(Either.isLeft(yield* other))
            yield* log.append(said("goes on"), runId(1))
            yield* heard(31)
            assert.isTrue(Either.isRight(yield* other))
            const error = yield* Effect.flip(log.append(said("too late"), runId(1)))
            assert.include(error.detail, "ended by somebody else")
          }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(Log.layer(place.account), program(place))))
        })
    )

    it.live("an addition to the log is before the end of its lease, or refused", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* Effect.gen(function* () {
          const leases = yield* Leases
          const log = yield* (yield* LogStore).open(place.account)
          const { fence } = yield* hold(place.account, runId(1))
          const order: Array<string> = []
          const begun = yield* Effect.makeLatch(false)
          const end = begun.await.pipe(
            Effect.zipRight(leases.end(place.account, fence)),
            Effect.zipRight(Effect.sync(() => order.push("ended")))
          )
          yield* Effect.fork(end)
          yield* Effect.flip(
            log.append(() =>
              Effect.gen(function* () {
                assert.strictEqual(yield* log.fence(runId(1)), fence)
                yield* begun.open
                yield* Effect.sleep("200 millis")
                order.push("added")
                return yield* new LogUnavailable({ detail: "nothing is to be added" })
              })
            )
          )
          yield* until(() => order.length === 2)
          assert.deepStrictEqual(order, ["added", "ended"])
        }).pipe(Effect.scoped, Effect.provide(program(place)))
      })
    )
  })

  describe.concurrent("what takes its time", () => {
    it.live(
      "I9: a database that falls silent in the middle: every store refuses in bounded time, and goes on when it speaks again",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          const network = yield* makeNetwork(Number(new URL(url).port))
          const far = url.replace(/:\d+\/postgres$/, `:${network.port}/postgres`)
          const stores = pgStores(place.home).pipe(Layer.provide(PgDatabase.layer(Redacted.make(far))))
          yield* Effect.gen(function* () {
            const [log, pacer, memory, leases] = yield* Effect.all([Log, PacerStore, AccountMemory, Leases])
            const step = pacer.modify(place.account, (state) => [state.limit, { ...state, limit: 5 }])
            const last = yield* log.append(said("before"))
            yield* step
            network.silent(true)
            const [appended, paced, known, held] = yield* Effect.all(
              [
                Effect.flip(log.append(said("into the void"))),
                // Where a release after a reply may not be interrupted, it is bounded all the same.
                Effect.flip(Effect.uninterruptible(step)),
                memory.get(place.account),
                Effect.flip(Effect.scoped(hold(place.account, runId(1)))),
                Effect.flip(leases.holder(place.account))
              ],
              { concurrency: "unbounded" }
            )
            assert.strictEqual(appended._tag, "LogUnavailable")
            assert.include(paced.detail, "within 5 s")
            assert.isNull(known)
            assert.strictEqual(held._tag, "LogUnavailable")
            network.silent(false)
            const next = yield* Effect.retry(log.append(said("after")), { times: 20 })
            assert.isAbove(next.seq, last.seq)
            assert.isTrue((yield* log.verify()).ok)
            assert.strictEqual(yield* Effect.retry(step, { times: 5 }), 5)
            // What came too late was let go.
            yield* Effect.retry(Effect.scoped(hold(place.account, runId(2))), { times: 20 })
          }).pipe(Effect.provide(Log.layer(place.account, { limit: "500 millis" })), Effect.provide([stores, operator]))
        }).pipe(Effect.scoped)
    )

    it.live("the holder of a lease says that it lives", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* Effect.gen(function* () {
          yield* hold(place.account, runId(1))
          const first = (yield* rowOf(place)).seen
          yield* Effect.repeat(Effect.sleep("100 millis").pipe(Effect.zipRight(rowOf(place))), {
            until: ({ seen }) => seen > first
          }).pipe(Effect.timeout("2 minutes"))
        }).pipe(Effect.scoped, Effect.provide(program(place)))
      })
    )
  })
}

/** A database of its own, as far as the tables go. */
const opened = (schema: string) => PgDatabase.layer(Redacted.make(`${url}?options=-c%20search_path%3D${schema}`))

const program = (place: Place) => Layer.merge(place.stores, operator)

const rowOf = (place: Place) =>
  withDatabase((sql) =>
    Effect.map(
      sql<{ holder: string; seen: Date }>`select holder, seen from keysweep_lease where account = ${place.account}`,
      ([row]) => ({ holder: row?.holder ?? "", seen: row?.seen.getTime() ?? 0 })
    )
  )

/** A line to the server that can fall silent: nothing is refused, nothing arrives. */
const makeNetwork = (to: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const sockets = new Set<Socket>()
      let silent = false
      const server = createServer((near) => {
        const far = connect(to, "127.0.0.1")
        for (const [from, into] of [
          [near, far],
          [far, near]
        ] as const) {
          sockets.add(from)
          from.on("data", (bytes) => into.write(bytes))
          from.on("error", () => into.destroy())
          from.on("close", () => into.destroy())
          if (silent) from.pause()
        }
      })
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      const address = server.address()
      return {
        port: typeof address === "object" && address !== null ? address.port : 0,
        silent: (now: boolean) => {
          silent = now
          for (const socket of sockets) {
            if (now) socket.pause()
            else socket.resume()
          }
        },
        close: () => {
          for (const socket of sockets) socket.destroy()
          server.close()
        }
      }
    }),
    (network) => Effect.sync(() => network.close())
  )

const until = (met: () => boolean) => Effect.repeat(Effect.sleep(1), { until: met }).pipe(Effect.timeout("2 minutes"))
