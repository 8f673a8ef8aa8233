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
import { parseEnv } from "node:util"
import type { Arena, Beginning } from "./Arena.ts"
import type { State } from "./EmulatorProcess.ts"
import { keysOf, requestOf, type Scene } from "./Scene.ts"

/** What is to be seen now, since things were as they were. */
export const readScene = async (arena: Arena, { arrived, state }: Beginning, said: string): Promise<Scene> => {
  const { emulator, home, money, sink } = arena
  const now = await emulator.state()
  const charged = (logs: State["logs"]) => logs.reduce((sum, { credits }) => sum + micro(credits), 0)
  return {
    before: keysOf(state),
    after: keysOf(now),
    credit: {
      money: money(),
      before: micro(state.balance),
      after: micro(now.balance),
      spent: charged(now.logs) - charged(state.logs)
    },
    masterKey: { before: state.apiKey, after: now.apiKey },
    sink: sunkIn(sink),
    said,
    requests: (await emulator.requests()).slice(arrived).map(requestOf),
    ...(await booksOf(home)),
    files: filesBelow(home),
    secrets: [...new Set([state.apiKey, now.apiKey, ...[...state.keys, ...now.keys].map(({ key }) => key)])]
  }
}

/** The variable of the sink that a new master key goes to. */
export const masterKeyVariable = "ELECTRONHUB_API_KEY"

export const sunkIn = (file: string): Scene["sink"] =>
  new Map(
    existsSync(file)
      ? Object.entries(parseEnv(readFileSync(file, "utf8"))).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const]
        )
      : []
  )

const micro = (credits: number): number => Math.round(credits * 1_000_000)

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
