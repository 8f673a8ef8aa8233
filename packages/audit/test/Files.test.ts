import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeDir, replaceFile } from "../src/store/Files.ts"
import { makeHome } from "./support/Fixture.ts"

describe("makeDir", () => {
  it.effect("makes each missing folder for its owner only, and is content with those that are there", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* Effect.all([makeDir(join(home, "a", "b", "c")), makeDir(join(home, "a", "b", "d"))], { concurrency: 2 })
      yield* makeDir(join(home, "a", "b", "c"))
      for (const path of ["a", "a/b", "a/b/c", "a/b/d"])
        assert.strictEqual(statSync(join(home, path)).mode & 0o777, 0o700)
    })
  )

  it.effect("says why it cannot", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* makeDir(home)
      writeFileSync(join(home, "file"), "")
      assert.strictEqual((yield* Effect.flip(makeDir(join(home, "file")))).code, "EEXIST")
      assert.strictEqual((yield* Effect.flip(makeDir(join(home, "file", "a")))).code, "ENOTDIR")
    })
  )

  // Node's own recursive mkdir goes round for ever there.
  it.effect.skipIf(process.platform !== "linux")("I9: comes back from a file system that makes no folders", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(makeDir("/proc/keysweep/home"))).code, "ENOENT")
    })
  )

  it.scopedLive("many at once make folders below one that is not there yet, and each is made", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      for (let round = 0; round < 30; round++) {
        const folders = Array.from({ length: 20 }, (_, at) => join(home, `round-${round}`, "accounts", `a${at}`, "log"))
        yield* Effect.forEach(folders, (folder, at) => Effect.delay(makeDir(folder), at / 10), {
          concurrency: "unbounded",
          discard: true
        })
        assert.deepStrictEqual(
          folders.filter((folder) => !existsSync(folder)),
          []
        )
      }
    })
  )
})

describe("replaceFile", () => {
  it.effect("I8: leaves no draft where it cannot put the file in place", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* makeDir(home)
      mkdirSync(join(home, "taken"))
      yield* Effect.flip(replaceFile(join(home, "taken"), Buffer.from("secret")))
      assert.deepStrictEqual(readdirSync(home), ["taken"])
    })
  )

  it.live("I8: leaves no draft where it is interrupted", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      yield* makeDir(home)
      for (let turns = 0; turns < 40; turns++) {
        const fiber = yield* Effect.fork(replaceFile(join(home, "file"), Buffer.from("secret")))
        yield* Effect.yieldNow().pipe(
          Effect.zipRight(Effect.promise(() => new Promise(setImmediate))),
          Effect.repeatN(turns)
        )
        yield* Fiber.interrupt(fiber)
      }
      assert.deepStrictEqual(
        readdirSync(home).filter((name) => name !== "file"),
        []
      )
    })
  )
})
