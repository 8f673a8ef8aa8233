import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, TestClock } from "effect"
import { Backups } from "../src/Backup.ts"
import { BackupStore } from "../src/BackupStore.ts"
import { layerHome } from "../src/SealAge.ts"
import { key, numbers, runId } from "./support/Fixture.ts"
import { kinds, type Place } from "./support/Place.ts"

const at = DateTime.unsafeMake(1_795_000_000_000)
const three = { run: runId(1), at, keys: numbers(3).map((n) => key(n)) }

const withBackups = <A, E>(place: Place, use: (backups: Backups["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Backups, use).pipe(
    Effect.provide(Backups.layer(place.account)),
    Effect.provide([place.stores, layerHome(place.home)])
  )

const withStore = <A, E>(place: Place, use: (store: BackupStore["Type"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(BackupStore, use).pipe(Effect.provide(place.stores))

for (const { make, name } of kinds) {
  describe(`backups in ${name}`, () => {
    it.effect("I1: what was taken is there for the next program, checked and complete", () =>
      Effect.gen(function* () {
        const place = yield* make
        const manifest = yield* withBackups(place, (backups) => backups.take(three))
        assert.strictEqual(manifest.checked, "opened")
        yield* withBackups(place, (backups) =>
          Effect.gen(function* () {
            assert.deepStrictEqual(yield* backups.list, [manifest])
            assert.deepInclude(yield* backups.verify(manifest.id), { opened: true, keys: 3 })
            assert.deepStrictEqual(
              (yield* backups.show(manifest.id)).keys.map((it) => it.id),
              three.keys.map((it) => it.id)
            )
          })
        )
      })
    )

    it.effect("one bit that changed there is found", () =>
      Effect.gen(function* () {
        const place = yield* make
        const { id } = yield* withBackups(place, (backups) => backups.take(three))
        yield* place.changeBackup(id, (sealed) => sealed.map((byte, i) => (i === sealed.length - 10 ? byte ^ 1 : byte)))
        const error = yield* Effect.flip(withBackups(place, (backups) => backups.verify(id)))
        assert.isTrue(error._tag === "BackupDamaged" && error.reason === "altered", error.message)
      })
    )

    it.effect("nothing is ever replaced: neither a backup nor its manifest", () =>
      Effect.gen(function* () {
        const place = yield* make
        const id = "bk_000000000_0000000000"
        yield* withStore(place, (store) =>
          Effect.gen(function* () {
            yield* store.put(place.account, id, Buffer.from("first"))
            assert.strictEqual(
              (yield* Effect.flip(store.put(place.account, id, Buffer.from("second"))))._tag,
              "BackupUnavailable"
            )
            yield* store.describe(place.account, id, "one")
            assert.strictEqual((yield* Effect.flip(store.describe(place.account, id, "two")))._tag, "BackupUnavailable")
            const found = Option.getOrThrow(yield* store.get(place.account, id))
            assert.deepStrictEqual([Buffer.from(found.sealed).toString(), found.manifest], ["first", "one"])
          })
        )
      })
    )

    it.effect("one without a manifest is no verified backup, and is not listed", () =>
      Effect.gen(function* () {
        const place = yield* make
        const id = "bk_000000000_0000000000"
        yield* withStore(place, (store) => store.put(place.account, id, Buffer.from("x")))
        const found = yield* withStore(place, (store) => store.get(place.account, id))
        assert.isTrue(Option.exists(found, (it) => it.manifest === null))
        assert.deepStrictEqual(yield* withStore(place, (store) => store.manifests(place.account)), [])
        assert.isTrue(Option.isNone(yield* withStore(place, (store) => store.get(place.account, "../../x"))))
      })
    )

    it.effect("old ones go, the newest and the last of a retired key stay, oldest first", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* withBackups(place, (backups) =>
          Effect.gen(function* () {
            const taken = []
            for (const n of [1, 2, 1, 3, 4]) {
              yield* TestClock.adjust("1 day")
              taken.push(yield* backups.take({ run: runId(n), at, keys: [key(n)] }))
            }
            assert.deepStrictEqual(yield* backups.list, taken)
            yield* TestClock.adjust("100 days")
            const gone = yield* backups.prune({ olderThan: "30 days", keep: 1, retired: [key(1).id] })
            assert.deepStrictEqual(
              gone.map((it) => it.id),
              [taken[0], taken[1], taken[3]].map((it) => it?.id)
            )
            assert.deepStrictEqual(
              (yield* backups.list).map((it) => it.id),
              [taken[2], taken[4]].map((it) => it?.id)
            )
            assert.deepStrictEqual(yield* backups.prune({ olderThan: "200 days", keep: 0, retired: [] }), [])
          })
        )
      })
    )
  })
}
