import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Either, Stream } from "effect"
import { Log } from "../src/Log.ts"
import { LogStore } from "../src/LogStore.ts"
import { numbers, operator, said, startChild } from "./support/Fixture.ts"
import { kinds, type Place, withLogAt } from "./support/Place.ts"

const sayMany = (place: Place, count: number) =>
  withLogAt(place, (log) => Effect.forEach(numbers(count), (i) => log.append(said(`event ${i}`)), { concurrency: 64 }))

const linesFrom = (place: Place, from: number) =>
  Effect.gen(function* () {
    const log = yield* (yield* LogStore).open(place.account)
    return Chunk.toReadonlyArray(yield* Stream.runCollect(log.lines(from)))
  }).pipe(Effect.scoped, Effect.provide(place.stores))

for (const { make, name } of kinds) {
  describe(`a log in ${name}`, () => {
    it.effect("gives every record its place, also when many ask at once, and verifies", () =>
      Effect.flatMap(make, (place) =>
        withLogAt(place, (log) =>
          Effect.gen(function* () {
            yield* log.append(said("alone"))
            const many = yield* Effect.forEach(numbers(100), (i) => log.append(said(`${i}`)), { concurrency: 100 })
            assert.strictEqual(new Set(many.map((it) => it.seq)).size, 100)
            const records = yield* log.records
            assert.deepStrictEqual(
              records.map((it) => it.seq),
              numbers(102).map((i) => i + 1)
            )
            assert.strictEqual(records[0]?.event._tag, "LogStarted")
            const verification = yield* log.verify()
            assert.isTrue(
              verification.ok && verification.records === 102 && verification.anchor === (yield* log.anchor)
            )
          })
        )
      )
    )

    it.effect("is empty where nothing was written, and reading it makes nothing", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* withLogAt(place, (log) =>
          Effect.gen(function* () {
            assert.deepStrictEqual(yield* log.records, [])
            assert.isNull(yield* log.anchor)
            assert.deepStrictEqual(yield* log.verify(), { ok: true, records: 0, anchor: null, signer: null })
          })
        )
        assert.deepStrictEqual(yield* linesFrom(place, 0), [])
      })
    )

    it.effect("is read from any place on, in order, however long it is", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* sayMany(place, 2499)
        const seqs = (lines: ReadonlyArray<{ readonly text: string }>) => lines.map((it) => JSON.parse(it.text).seq)
        assert.deepStrictEqual(
          seqs(yield* linesFrom(place, 0)),
          numbers(2500).map((i) => i + 1)
        )
        const late = seqs(yield* linesFrom(place, 2400))
        assert.include(late, 2400)
        assert.deepStrictEqual(
          late.slice(-100),
          numbers(100).map((i) => i + 2401)
        )
      })
    )

    it.effect("several programs in turn and side by side write one chain", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* sayMany(place, 30)
        yield* Effect.all(
          numbers(3).map(() => sayMany(place, 30)),
          { concurrency: 3 }
        )
        const verification = yield* withLogAt(place, (log) => log.verify())
        assert.isTrue(verification.ok && verification.records === 121, JSON.stringify(verification))
      })
    )

    it.live(
      "two processes that both write take turns",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          const children = numbers(2).map(() => startChild("append", [place.address, place.account, "20", "3"]))
          const codes = yield* Effect.promise(() => Promise.all(children.map((child) => child.ended)))
          assert.deepStrictEqual(codes, [0, 0], children.map((child) => child.errors()).join())
          const verification = yield* withLogAt(place, (log) => log.verify())
          assert.isTrue(verification.ok && verification.records === 121, JSON.stringify(verification))
        }),
      180_000
    )

    it.effect("a mistake of the caller is a mistake of the caller, and the log goes on", () =>
      Effect.flatMap(make, (place) =>
        withLogAt(place, (log) =>
          Effect.gen(function* () {
            const bad = {
              _tag: "RunFinished" as const,
              v: 1 as const,
              outcome: "done",
              keys: [],
              creditExpected: Number.NaN,
              creditObserved: 0
            }
            const exit = yield* Effect.exit(log.append(bad))
            assert.strictEqual(exit._tag === "Failure" && exit.cause._tag, "Die")
            assert.strictEqual((yield* log.append(said("next"))).seq, 2)
            const large = yield* Effect.flip(log.append(said("x".repeat(1_100_000))))
            assert.include(large.detail, "1 MiB")
            assert.strictEqual(
              (yield* log.append(said(`\u0000 \ud800 \ufffd \u{1F511} ${"x".repeat(900_000)}`))).seq,
              3
            )
            assert.isTrue((yield* log.verify()).ok)
          })
        )
      )
    )

    it.effect("I9: that was cut while no program ran is not written to", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* sayMany(place, 10)
        yield* place.changeLines((lines) => lines.slice(0, 5))
        const error = yield* Effect.flip(sayMany(place, 1))
        assert.include(error.detail, "the log ends at 5")
        assert.lengthOf(yield* linesFrom(place, 0), 5)
      })
    )

    it.effect("I9: that was cut while it was open refuses at the next append, and goes on refusing", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* withLogAt(place, (log) =>
          Effect.gen(function* () {
            for (const i of numbers(5)) yield* log.append(said(`${i}`))
            yield* place.changeLines((lines) => lines.slice(0, 3))
            assert.match((yield* Effect.flip(log.append(said("after")))).detail, /cut/)
            assert.isTrue(Either.isLeft(yield* Effect.either(log.append(said("again")))))
          })
        )
      })
    )

    it.effect("an edit in the middle of it is found, and the record named", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* sayMany(place, 10)
        yield* place.changeLines((lines) => lines.map((line) => line.replace('"event 3"', '"event X"')))
        const found = yield* withLogAt(place, (log) => log.verify())
        assert.deepInclude(found, { ok: false, seq: 5, problem: "edited" })
      })
    )

    it.effect("more unsigned records than a crash can leave are not signed", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* sayMany(place, 5)
        const head = yield* place.head
        yield* sayMany(place, 300)
        yield* place.setHead(head)
        assert.include((yield* Effect.flip(sayMany(place, 1))).detail, "record 7")
      })
    )

    it.live(
      "I9: a program that holds the append lock and does not let go is given up within the limit, and heard no more",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          yield* sayMany(place, 1)
          const release = yield* place.occupy
          yield* withLogAt(
            place,
            (log) =>
              Effect.gen(function* () {
                assert.include((yield* Effect.flip(log.append(said("not now")))).detail, "within 2s")
                yield* release
                yield* Effect.sleep("50 millis")
                assert.strictEqual((yield* log.append(said("now"))).seq, 3)
                assert.isTrue((yield* log.verify()).ok)
              }),
            { limit: "2 seconds" }
          )
        })
    )

    it.effect("keeps the logs of two accounts apart", () =>
      Effect.gen(function* () {
        const [place, other] = [yield* make, yield* make]
        yield* sayMany(place, 3)
        const records = yield* Effect.flatMap(Log, (log) => log.records).pipe(
          Effect.provide(Log.layer(other.account)),
          Effect.provide([place.stores, operator])
        )
        assert.deepStrictEqual(records, [])
      })
    )
  })
}
