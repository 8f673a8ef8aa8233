import { AccountMemory } from "@keysweep/core/AccountMemory"
import { PacerStore } from "@keysweep/core/PacerStore"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { layer as filePacerStore } from "../src/store/FilePacerStore.ts"
import { account, makeHome, numbers, startChild } from "./support/Fixture.ts"
import { kinds, type Place } from "./support/Place.ts"

const slots = (place: Place) =>
  Effect.flatMap(PacerStore, (store) =>
    store.modify(place.account, (state) => [state.slots.length, { ...state, cooldownUntil: 1 }])
  ).pipe(Effect.provide(place.stores))

for (const { make, name } of kinds) {
  describe(`the pacer's state in ${name}`, () => {
    it.live(
      "I7: steps of several processes do not undo one another",
      () =>
        Effect.gen(function* () {
          const place = yield* make
          const children = numbers(3).map(() => startChild("pace", [place.address, place.account, "25"]))
          const codes = yield* Effect.promise(() => Promise.all(children.map((child) => child.ended)))
          assert.deepStrictEqual(codes, [0, 0, 0], children.map((child) => child.errors()).join())
          assert.strictEqual(yield* slots(place), 75)
        }),
      180_000
    )

    it.effect("I7: a state that cannot be read refuses, and stays as it is", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* place.setPacer('{"limit": "many"}')
        const error = yield* Effect.flip(slots(place))
        assert.isTrue(error._tag === "PacerStoreUnavailable" && error.detail.includes("cannot be read"), error.message)
        assert.strictEqual((yield* Effect.flip(slots(place)))._tag, "PacerStoreUnavailable")
      })
    )

    it.effect("a step that fails leaves what was there", () =>
      Effect.gen(function* () {
        const place = yield* make
        yield* Effect.gen(function* () {
          const store = yield* PacerStore
          yield* store.modify(place.account, (state) => [null, { ...state, limit: 7 }])
          const broken = store.modify(place.account, () => {
            throw new TypeError("a mistake of the caller")
          })
          assert.strictEqual((yield* Effect.exit(broken))._tag, "Failure")
          assert.strictEqual(yield* store.modify(place.account, (state) => [state.limit, state]), 7)
        }).pipe(Effect.provide(place.stores))
      })
    )
  })

  describe(`what is known of an account, in ${name}`, () => {
    it.effect("is there for the next program, and absent where it cannot be read", () =>
      Effect.gen(function* () {
        const place = yield* make
        const memory = <A>(use: (memory: AccountMemory["Type"]) => Effect.Effect<A>) =>
          Effect.flatMap(AccountMemory, use).pipe(Effect.provide(place.stores))
        const known = { account: place.account, dialect: "path" as const, baseUrl: "https://api.electronhub.ai/v1" }
        assert.isNull(yield* memory((it) => it.get(place.account)))
        yield* memory((it) => it.set(place.account, known))
        assert.deepStrictEqual(yield* memory((it) => it.get(place.account)), known)
        yield* place.setKnown("{")
        assert.isNull(yield* memory((it) => it.get(place.account)))
        yield* memory((it) => it.set(place.account, known))
        assert.deepStrictEqual(yield* memory((it) => it.get(place.account)), known)
      })
    )
  })
}

describe("the pacer's state in a file", () => {
  it.effect("I7: that cannot be kept refuses", () =>
    Effect.gen(function* () {
      const blocked = yield* makeHome
      writeFileSync(blocked, "a file where the home should be")
      const step = Effect.flatMap(PacerStore, (store) =>
        store.modify(account, (state) => [null, { ...state, limit: 1 }])
      )
      const error = yield* Effect.flip(Effect.provide(step, filePacerStore(blocked)))
      assert.strictEqual(error._tag, "PacerStoreUnavailable")
    })
  )
})
