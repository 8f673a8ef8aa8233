import { Backups } from "@keysweep/audit/Backup"
import { Log } from "@keysweep/audit/Log"
import * as SealAge from "@keysweep/audit/SealAge"
import * as FileAccountMemory from "@keysweep/audit/store/FileAccountMemory"
import * as FileBackupStore from "@keysweep/audit/store/FileBackupStore"
import * as FileLogStore from "@keysweep/audit/store/FileLogStore"
import { AccountId, makeAccount } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { Effect, Layer, Option, Schema } from "effect"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { UsageError } from "./CliError.ts"
import { account, given, home, operatorLayer } from "./Environment.ts"
import type { Failure } from "./Report.ts"

/** Reads log and backups of one account in the home folder. Sends nothing, and needs no master key: an auditor has none. */
export const withBooks = <A, E extends Failure>(
  named: Option.Option<string>,
  use: (account: AccountId) => Effect.Effect<A, E, Log | Backups>
): Effect.Effect<A, Failure> =>
  Effect.gen(function* () {
    const folder = yield* home
    const id = yield* Option.isSome(named) ? accountOf(named.value) : accountHere(folder)
    const books = Layer.merge(Log.layer(id), Backups.layer(id)).pipe(
      Layer.provide(
        Layer.mergeAll(FileLogStore.layer(folder), FileBackupStore.layer(folder), SealAge.layerHome(folder))
      ),
      Layer.provide(operatorLayer)
    )
    return yield* Effect.provide(use(id), books)
  })

const accountOf = (text: string): Effect.Effect<AccountId, UsageError> =>
  Effect.mapError(
    Schema.decodeUnknown(AccountId)(text),
    () =>
      new UsageError({
        detail: "This is not the id of an account: one begins with acct_.",
        next: ["keysweep log show --help"]
      })
  )

/** The account of the master key in the environment; without one, the only account that has records here. */
export const accountHere = (folder: string): Effect.Effect<AccountId, Failure> =>
  Effect.gen(function* () {
    const { apiKey } = yield* given
    if (Option.isSome(apiKey)) {
      const { credential } = yield* makeAccount(yield* account)
      const known = yield* Effect.flatMap(AccountMemory, (memory) => memory.get(credential)).pipe(
        Effect.provide(FileAccountMemory.layer(folder))
      )
      return known?.account ?? credential
    }
    const names = yield* Effect.orElseSucceed(
      Effect.tryPromise(() => readdir(join(folder, "accounts"))),
      () => []
    )
    const [only, ...others] = names.flatMap((name) => Option.toArray(Schema.decodeUnknownOption(AccountId)(name)))
    if (only !== undefined && others.length === 0) return only
    return yield* new UsageError(
      only === undefined
        ? { detail: `There are no records in ${folder} yet.`, next: ["keysweep demo"] }
        : {
            detail: `There are records of several accounts in ${folder}.`,
            next: [only, ...others].map((id) => `--account ${id}`)
          }
    )
  })
