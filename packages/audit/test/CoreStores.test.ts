import { AccountMemory } from "@keysweep/core/AccountMemory"
import { PacerStore } from "@keysweep/core/PacerStore"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { layer as fileAccountMemory } from "../src/store/FileAccountMemory.ts"
import { layer as filePacerStore } from "../src/store/FilePacerStore.ts"
import { account, makeHome, numbers, startChild } from "./support/Fixture.ts"

const slots = (home: string) =>
  Effect.flatMap(PacerStore, (store) => store.modify(account, (state) => [state.slots.length, state])).pipe(
    Effect.provide(filePacerStore(home))
  )

describe("the pacer's state in a file", () => {
  it.live(
    "I7: steps of several processes do not undo one another",
    () =>
      Effect.gen(function* () {
        const home = yield* makeHome
        const children = numbers(3).map(() => startChild("pace", [home, account, "25"]))
        const codes = yield* Effect.promise(() => Promise.all(children.map((child) => child.ended)))
        assert.deepStrictEqual(codes, [0, 0, 0], children.map((child) => child.errors()).join())
        assert.strictEqual(yield* slots(home), 75)
      }),
    30_000
  )

  it.effect("I7: a state that cannot be read or kept refuses", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const path = join(home, "credentials", account, "pacer.json")
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, '{"limit": "many"}')
      assert.strictEqual((yield* Effect.flip(slots(home)))._tag, "PacerStoreUnavailable")
      const blocked = yield* makeHome
      writeFileSync(blocked, "a file where the home should be")
      assert.strictEqual((yield* Effect.flip(slots(blocked)))._tag, "PacerStoreUnavailable")
    })
  )
})

describe("what is known of an account, in a file", () => {
  it.effect("is there for the next program, and absent where it cannot be read", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      const memory = <A>(use: (memory: AccountMemory["Type"]) => Effect.Effect<A>) =>
        Effect.flatMap(AccountMemory, use).pipe(Effect.provide(fileAccountMemory(home)))
      const known = { account, dialect: "path" as const, baseUrl: "https://api.electronhub.ai/v1" }
      assert.isNull(yield* memory((it) => it.get(account)))
      yield* memory((it) => it.set(account, known))
      assert.deepStrictEqual(yield* memory((it) => it.get(account)), known)
      writeFileSync(join(home, "credentials", account, "account.json"), "{")
      assert.isNull(yield* memory((it) => it.get(account)))
      yield* memory((it) => it.set(account, known))
      assert.deepStrictEqual(yield* memory((it) => it.get(account)), known)
    })
  )
})
