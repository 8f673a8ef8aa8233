import { NodeContext } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { accountIdOf } from "@keysweep/core/Account"
import { Effect } from "effect"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { scan } from "../../src/scan/Scan.ts"
import { keptScan, placesOf, ScanMemory, storedIn } from "../../src/scan/ScanMemory.ts"
import { alpha, beta, idOf, knownKeys, stranger } from "./keys.ts"
import { folder, put } from "./repository.ts"

const account = accountIdOf("somebody")
const known = knownKeys(alpha, beta)

const searched = (root: string, paths?: ReadonlyArray<string>) =>
  Effect.map(scan({ folder: root, paths, known }), (report) => keptScan(report, { folder: root, paths }, known.keys()))

layer(NodeContext.layer)("ScanMemory", (it) => {
  it.scoped("I8: keeps places and ids, and no value, until the same tree is scanned again", () =>
    Effect.gen(function* () {
      const [home, root, other] = [yield* folder, yield* folder, yield* folder]
      yield* Effect.gen(function* () {
        const memory = yield* ScanMemory
        assert.deepStrictEqual(yield* memory.kept(account), [])
        put(root, "deploy/.env", `A=1\nKEY=${alpha}\nOTHER=${stranger}\n`)
        put(root, `${beta}.txt`, "named after a key")
        yield* memory.keep(account, yield* searched(root))
        yield* memory.keep(account, yield* searched(other))
        const text = readFileSync(join(home, "accounts", account, "scans.json"), "utf8")
        for (const secret of [alpha, beta, stranger]) assert.notInclude(text, secret)

        const stored = storedIn(yield* memory.kept(account))
        const of = (key: string) => {
          const known = stored(idOf(key))
          return known === "unknown" ? known : known.map(({ places, tree }) => [tree, ...places])
        }
        assert.deepStrictEqual(of(alpha), [[other], [root, "deploy/.env:2:5"]])
        assert.strictEqual(placesOf(stored(idOf(beta))), 1)
        assert.strictEqual(of(stranger), "unknown")

        put(root, "deploy/.env", "A=1\n")
        yield* memory.keep(account, yield* searched(root))
        yield* memory.keep(account, yield* searched(root, ["deploy"]))
        const trees = (yield* memory.kept(account)).map(({ found, tree }) => [tree, found.length])
        assert.deepStrictEqual(trees, [
          [`${root} deploy`, 0],
          [root, 1],
          [other, 0]
        ])
      }).pipe(Effect.provide(ScanMemory.layerFiles(home)))
    })
  )

  it.scoped("what cannot be read is unknown, and what cannot be kept stops nothing", () =>
    Effect.gen(function* () {
      const [home, root] = [yield* folder, yield* folder]
      const file = join(home, "accounts", account, "scans.json")
      yield* Effect.gen(function* () {
        const memory = yield* ScanMemory
        mkdirSync(join(home, "accounts", account), { recursive: true })
        writeFileSync(file, "[{")
        assert.deepStrictEqual(yield* memory.kept(account), [])
        yield* memory.keep(account, yield* searched(root))
        assert.lengthOf(yield* memory.kept(account), 1)
      }).pipe(Effect.provide(ScanMemory.layerFiles(home)))
      yield* Effect.gen(function* () {
        const memory = yield* ScanMemory
        yield* memory.keep(account, yield* searched(root))
        assert.deepStrictEqual(yield* memory.kept(account), [])
      }).pipe(Effect.provide(ScanMemory.layerFiles(file)))
    })
  )
})
