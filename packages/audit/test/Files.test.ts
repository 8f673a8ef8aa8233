import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Files from "../src/store/Files.ts"
import { makeHome } from "./support/Fixture.ts"

describe("Files", () => {
  it.scopedLive("many at once make folders below one that is not there yet, and each is made", () =>
    Effect.gen(function* () {
      const home = yield* makeHome
      for (let round = 0; round < 30; round++) {
        const folders = Array.from({ length: 20 }, (_, at) => join(home, `round-${round}`, "accounts", `a${at}`, "log"))
        yield* Effect.forEach(folders, (folder, at) => Effect.delay(Files.makeDir(folder), at / 10), {
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
