import { Backups } from "@keysweep/audit/Backup"
import { Log } from "@keysweep/audit/Log"
import * as SealAge from "@keysweep/audit/SealAge"
import { AccountId, makeAccount } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { Effect, Layer, Option, Schema } from "effect"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { UsageError } from "./CliError.ts"
import { given, home, operatorLayer } from "./Environment.ts"
import { account, type GivenAccount } from "./GivenAccount.ts"
import type { Failure } from "./Report.ts"
import { storesLayer } from "./StoresLayer.ts"

/** Reads log and backups of one account in the home folder. Sends nothing, and needs no master key: an auditor has none. */
export const withBooks = <A, E extends Failure>(
  named: Option.Option<string>,
  use: (account: AccountId) => Effect.Effect<A, E, Log | Backups>
): Effect.Effect<A, Failure, GivenAccount> =>
  Effect.gen(function* () {
    const folder = yield* home
    const id = yield* Option.isSome(named) ? accountOf(named.value) : accountHere(folder)
    const books = Layer.merge(Log.layer(id), Backups.layer(id)).pipe(
      Layer.provide(Layer.merge(SealAge.layerHome(folder), operatorLayer))
    )
    return yield* Effect.provide(use(id), books)
  }).pipe(Effect.provide(storesLayer))

/** An id, else a label of the settings. */
export const accountOf = (text: string): Effect.Effect<AccountId, Failure, AccountMemory | GivenAccount> =>
  Option.match(Schema.decodeUnknownOption(AccountId)(text), {
    onSome: Effect.succeed,
    onNone: () => remembered(Option.some(text))
  })

/** The account of a master key, as far as it is known without a request. */
const remembered = (label: Option.Option<string>): Effect.Effect<AccountId, Failure, AccountMemory | GivenAccount> =>
  Effect.gen(function* () {
    const { credential } = yield* makeAccount(yield* account(label))
    const known = yield* Effect.flatMap(AccountMemory, (memory) => memory.get(credential))
    return known?.account ?? credential
  })

/** The account of the master key in the environment; without one, the only account that has records here. */
export const accountHere = (folder: string): Effect.Effect<AccountId, Failure, AccountMemory | GivenAccount> =>
  Effect.gen(function* () {
    const { apiKey } = yield* given
    if (Option.isSome(apiKey)) return yield* remembered(Option.none())
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
