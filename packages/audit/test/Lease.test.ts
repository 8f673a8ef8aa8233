import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Exit, Layer, Scope } from "effect"
import { hold, Leases } from "../src/Lease.ts"
import { Log } from "../src/Log.ts"
import { numbers, operator, runId, said, startChild } from "./support/Fixture.ts"
import { kinds, type Place } from "./support/Place.ts"

const rounds = Number(process.env["KEYSWEEP_TRIALS"] ?? 5)

const stores = (place: Place) => Layer.merge(place.stores, operator)

for (const { make, name } of kinds) {
  describe(`the lease of an account, in ${name}`, () => {
    it.live(
      "kill -9 of the holder: the next one takes over without waiting for its silence, with a higher fence",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          const { account, address } = place
          yield* Effect.gen(function* () {
            const child = startChild("lease", [address, account, runId(1)])
            yield* until(() => child.output().includes("holds") || child.process.exitCode !== null)
            const held = yield* Effect.flip(Effect.scoped(hold(account, runId(2))))
            assert.isTrue(
              held._tag === "LeaseHeld" && held.holder.pid === child.process.pid && held.holder.run === runId(1),
              child.errors()
            )
            child.process.kill("SIGKILL")
            yield* Effect.promise(() => child.ended)
            const { fence } = yield* Effect.scoped(hold(account, runId(2))).pipe(Effect.timeout("25 seconds"))
            assert.strictEqual(fence, 2)
          }).pipe(Effect.provide(stores(place)))
        }),
      180_000
    )

    it.live(
      "never two holders, and always one, when six race for it",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          const programs = yield* Effect.all(numbers(6).map(() => Layer.build(stores(place))))
          for (const round of numbers(rounds)) {
            const scope = yield* Scope.make()
            const results = yield* Effect.forEach(
              programs,
              (program, i) =>
                Effect.either(Effect.provide(Scope.extend(hold(place.account, runId(i)), scope), program)),
              { concurrency: "unbounded" }
            )
            const won = results.filter(Either.isRight)
            assert.deepStrictEqual(
              won.map((it) => it.right.fence),
              [round + 1]
            )
            yield* Scope.close(scope, Exit.void)
          }
        }).pipe(Effect.scoped),
      180_000 + rounds * 200
    )

    it.live("its number stands in every record of its run and in no other; the error names the holder", () =>
      Effect.gen(function* () {
        const place = yield* make
        const { account } = place
        yield* Effect.gen(function* () {
          const log = yield* Log
          yield* Effect.scoped(
            Effect.gen(function* () {
              const { fence } = yield* hold(account, runId(1))
              assert.strictEqual((yield* log.append(said("in the run"), runId(1))).fence, fence)
              assert.isNull((yield* log.append(said("beside it"))).fence)
              assert.isNull((yield* log.append(said("another run"), runId(2))).fence)
              const error = yield* Effect.flip(Effect.scoped(hold(account, runId(2))))
              assert.include(error.message, "held by os:alice")
            })
          )
          assert.isNull((yield* log.append(said("after"), runId(1))).fence)
          assert.isNull(yield* Effect.flatMap(Leases, (it) => it.holder(account)))
        }).pipe(Effect.provide(Layer.provideMerge(Log.layer(account), stores(place))))
      })
    )

    it.live("that an operator ended is free, and the old run's records are refused", () =>
      Effect.gen(function* () {
        const place = yield* make
        const { account } = place
        yield* Effect.gen(function* () {
          const log = yield* Log
          const leases = yield* Leases
          const scope = yield* Scope.make()
          const { fence } = yield* Scope.extend(hold(account, runId(1)), scope)
          yield* leases.end(account, fence)
          const error = yield* Effect.flip(log.append(said("too late"), runId(1)))
          assert.include(error.detail, "ended by somebody else")
          yield* log.append(said("others go on"))
          // Another program takes it, and the old holder's end does not end the new one's.
          yield* Effect.gen(function* () {
            assert.strictEqual((yield* hold(account, runId(2))).fence, fence + 1)
            yield* Scope.close(scope, Exit.void)
            assert.strictEqual((yield* leases.holder(account))?.fence, fence + 1)
          }).pipe(Effect.scoped, Effect.provide(stores(place)))
        }).pipe(Effect.provide(Layer.provideMerge(Log.layer(account), stores(place))))
      })
    )
  })
}

const until = (met: () => boolean) => Effect.repeat(Effect.sleep(1), { until: met }).pipe(Effect.timeout("2 minutes"))
