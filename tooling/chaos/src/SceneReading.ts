import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Operator } from "@keysweep/audit/Actor"
import { Backups } from "@keysweep/audit/Backup"
import { Log } from "@keysweep/audit/Log"
import * as SealAge from "@keysweep/audit/SealAge"
import * as FileBackupStore from "@keysweep/audit/store/FileBackupStore"
import * as FileLogStore from "@keysweep/audit/store/FileLogStore"
import { AccountId } from "@keysweep/core/Account"
import { Effect, Layer } from "effect"
import type { EmulatorProcess, State } from "./EmulatorProcess.ts"
import { keysOf, requestOf, type Scene } from "./Scene.ts"

/** What is to be seen now, given the upstream's state before anybody did anything. */
export const readScene = async (before: State, emulator: EmulatorProcess, home: string): Promise<Scene> => {
  const now = await emulator.state()
  return {
    before: keysOf(before),
    after: keysOf(now),
    balance: now.balance,
    requests: (await emulator.requests()).map(requestOf),
    ...(await booksOf(home)),
    files: filesBelow(home),
    secrets: [emulator.apiKey, ...[...before.keys, ...now.keys].map(({ key }) => key)]
  }
}

type Books = Pick<Scene, "records" | "verification" | "backups">

const booksOf = async (home: string): Promise<Books> => {
  const accounts = join(home, "accounts")
  const [account, ...others] = existsSync(accounts) ? readdirSync(accounts) : []
  if (others.length > 0) throw new Error(`one account has the logs ${[account, ...others].join(", ")}`)
  if (account === undefined) return { records: [], verification: null, backups: [] }
  const id = AccountId.make(account)
  const stores = Layer.mergeAll(
    FileLogStore.layer(home),
    FileBackupStore.layer(home),
    SealAge.layerHome(home),
    Layer.succeed(Operator, { actor: { name: "os:checker", authenticated: false }, surface: "library" })
  )
  return Effect.runPromise(Effect.provide(books, Layer.provide(Layer.merge(Log.layer(id), Backups.layer(id)), stores)))
}

const books = Effect.gen(function* () {
  const log = yield* Log
  const backups = yield* Backups
  return {
    records: yield* log.records,
    verification: yield* log.verify(),
    backups: yield* Effect.forEach(yield* backups.list, ({ id, sha256 }) =>
      Effect.zipRight(backups.verify(id), backups.show(id)).pipe(
        Effect.map(({ keys }) => ({ id, sha256, keys })),
        Effect.orElseSucceed(() => ({ id, sha256, keys: null }))
      )
    )
  }
})

const filesBelow = (home: string): Scene["files"] =>
  existsSync(home)
    ? readdirSync(home, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => ({ path: path.slice(home.length + 1), text: readFileSync(path, "latin1") }))
    : []
