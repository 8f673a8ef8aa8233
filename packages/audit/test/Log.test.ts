import { accountIdOf } from "@keysweep/core/Account"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Operator } from "../src/Actor.ts"
import { Refused } from "../src/Event.ts"
import { Log } from "../src/Log.ts"
import { layer as fileStore } from "../src/store/FileLogStore.ts"

const home = () => mkdtempSync(join(tmpdir(), "keysweep-audit-"))
const operator = Layer.succeed(Operator, { actor: { name: "os:test", authenticated: false }, surface: "cli" })
const account = accountIdOf("test")
const logAt = (at: string) => Log.layer(account).pipe(Layer.provide([fileStore(at), operator]))

it.effect("appends, reads and verifies", () =>
  Effect.gen(function* () {
    const log = yield* Log
    for (let i = 0; i < 20; i++) yield* log.append(Refused.make({ what: `x${i}`, why: "test" }))
    yield* Effect.all(Array.from({ length: 40 }, (_, i) => log.append(Refused.make({ what: `y${i}`, why: "test" }))), { concurrency: 40 })
    const result = yield* log.verify()
    assert.isTrue(result.ok)
    assert.strictEqual((yield* log.records).length, 61)
  }).pipe(Effect.provide(Layer.suspend(() => logAt(home()))))
)
