import { assert, describe, it } from "@effect/vitest"
import { AccountReader } from "@keysweep/core/AccountReader"
import { BulkDelete } from "@keysweep/core/BulkDelete"
import { fromCredits } from "@keysweep/core/Credit"
import { KeyCheck } from "@keysweep/core/KeyCheck"
import { KeyMaker } from "@keysweep/core/KeyMaker"
import { KeyReader } from "@keysweep/core/KeyReader"
import { KeyWriter } from "@keysweep/core/KeyWriter"
import { MasterKey } from "@keysweep/core/MasterKey"
import { Emulator, type EmulatorOptions } from "@keysweep/emulator/Emulator"
import { DateTime, Effect, Redacted } from "effect"
import { account } from "../support.ts"
import { client, keys, sweep } from "./support.ts"

/** Enough room that nothing waits. */
const start = (options: EmulatorOptions = {}) => Emulator.start({ seed: keys(4), rpm: 1000, ...options })

const only = {
  "the path dialect": { generation: "g0" },
  "the static dialect": { legacyRoutes: false, bulkRoutes: "new" }
} as const

describe("a server that answers only one dialect", () => {
  for (const [which, options] of Object.entries(only)) {
    const mine = which.includes("path") ? "path" : "static"
    const other = mine === "path" ? "static" : "path"

    it.scopedLive(`${which}: everything works on auto`, () =>
      Effect.gen(function* () {
        const emulator = yield* start(options)
        yield* Effect.gen(function* () {
          const reader = yield* KeyReader
          const writer = yield* KeyWriter
          const listing = yield* reader.list
          assert.strictEqual((yield* reader.identify(listing)).dialect, mine)
          const [[id, secret] = yield* Effect.dieMessage("no key")] = [...listing.secrets]
          yield* writer.setActive(mine, { id, secret }, { active: true, want: false })
          const held = yield* reader.lookup(mine, secret)
          assert.isFalse(held.key.active)
          yield* writer.update(
            mine,
            { id, secret },
            {
              name: "renamed",
              expiresAt: null,
              allocated: fromCredits(2),
              models: ["gpt-4o"],
              addresses: ["10.0.0.0/8"],
              limitType: "unstated"
            }
          )
          const renamed = yield* reader.lookup(mine, secret)
          assert.deepInclude({ ...renamed.key }, { name: "renamed", models: ["gpt-4o"], addresses: ["10.0.0.0/8"] })
          assert.strictEqual(yield* writer.remove(mine, { id, secret }), "removed")
          assert.strictEqual(yield* writer.remove(mine, { id, secret }), "gone")
          const bulk = yield* BulkDelete
          yield* bulk.deleteAll(mine, [...listing.secrets.keys()])
          assert.deepStrictEqual((yield* reader.list).keys, [])
        }).pipe(Effect.provide(client(emulator)))
        assert.strictEqual((yield* account(emulator)).balance, 1004)
      })
    )

    it.scopedLive(`${which}: the other one, forced, fails with the cure and changes nothing`, () =>
      Effect.gen(function* () {
        const emulator = yield* start(options)
        const before = yield* emulator.state
        const error = yield* Effect.flip(Effect.provide(sweep(), client(emulator, { dialect: other })))
        assert.strictEqual(error._tag, "RouteMissing")
        assert.include(error.message, `Set the dialect to auto, or to ${mine}`)
        assert.deepStrictEqual((yield* emulator.state).accounts, before.accounts)
      })
    )
  }
})

const wanted = {
  name: "new one",
  expiresAt: DateTime.unsafeMake("2030-01-01T00:00:00Z"),
  allocated: fromCredits(3.5),
  models: ["gpt-4o"],
  addresses: ["192.0.2.0/24"]
}

describe("calls in doubt, on a real socket", () => {
  for (const kind of ["drop-after", "drop-before", "truncate"] as const) {
    it.scopedLive(
      `I5: ${kind}: a flip ends in the wanted state, a removal is done once, a create makes no second key`,
      () =>
        Effect.gen(function* () {
          const emulator = yield* start()
          const hit = (path: string) => emulator.faults([{ kind, match: { path } }])
          yield* Effect.gen(function* () {
            const reader = yield* KeyReader
            const writer = yield* KeyWriter
            const maker = yield* KeyMaker
            const listing = yield* reader.list
            const [[id, secret] = yield* Effect.dieMessage("no key")] = [...listing.secrets]
            yield* hit("/auth/proxy/toggle")
            yield* writer.setActive("static", { id, secret }, { active: true, want: false })
            assert.isFalse((yield* reader.lookup("static", secret)).key.active)
            yield* hit("/auth/proxy/create")
            const made = yield* Effect.either(maker.create(wanted, [...listing.secrets.keys()]))
            const now = (yield* reader.list).keys.filter(({ name }) => name === wanted.name)
            assert.lengthOf(now, kind === "drop-before" ? 0 : 1)
            assert.strictEqual(made._tag, kind === "drop-before" ? "Left" : "Right")
            if (made._tag === "Right") assert.strictEqual(made.right.how, "adopted")
          }).pipe(Effect.provide(client(emulator)))
        })
    )
  }
})

describe("the other calls", () => {
  it.scopedLive("create, validate, user/me, user/logs and regeneration speak to the emulator as documented", () =>
    Effect.gen(function* () {
      const emulator = yield* start()
      yield* Effect.gen(function* () {
        const maker = yield* KeyMaker
        const made = yield* maker.create(wanted, [])
        assert.strictEqual(made.how, "created")
        assert.strictEqual(made.key.allocated, fromCredits(3.5))
        const check = yield* KeyCheck
        assert.isFalse((yield* check.validate(made.secret)).valid)
        const reader = yield* AccountReader
        assert.isAbove((yield* reader.use).balance, 0)
        assert.isArray(yield* reader.log)
        const { kept: fresh } = yield* Effect.flatMap(MasterKey, (it) => it.regenerate(Effect.succeed))
        assert.notStrictEqual(Redacted.value(fresh), Redacted.value(emulator.apiKey))
        const keyReader = yield* KeyReader
        assert.strictEqual((yield* Effect.flip(keyReader.list))._tag, "Unauthorized")
      }).pipe(Effect.provide(client(emulator)))
    })
  )

  it.scopedLive("an edge's page is never taken for somebody else's key", () =>
    Effect.gen(function* () {
      const emulator = yield* start({ challengePath: ["/auth/proxy/lookup"] })
      yield* Effect.gen(function* () {
        const reader = yield* KeyReader
        const { dialect } = yield* reader.identify(yield* reader.list)
        assert.strictEqual(dialect, "path")
      }).pipe(Effect.provide(client(emulator)))
    })
  )
})
