import type { BackupStore } from "@keysweep/audit/BackupStore"
import type { Leases } from "@keysweep/audit/Lease"
import type { LogStore } from "@keysweep/audit/LogStore"
import { DatabaseUnavailable } from "@keysweep/audit/store/PgTrouble"
import type { AccountMemory } from "@keysweep/core/AccountMemory"
import type { PacerStore } from "@keysweep/core/PacerStore"
import { Config, Effect, Layer, Option, Redacted } from "effect"
import * as FileStores from "./FileStores.ts"
import { hasOwnDatabase, ownDatabaseUrl } from "./Home.ts"
import type { InventoryMemory } from "./InventoryMemory.ts"
import type { ScanMemory } from "./scan/ScanMemory.ts"
import { Settings } from "./Settings.ts"

export type Stores = AccountMemory | BackupStore | InventoryMemory | Leases | LogStore | PacerStore | ScanMemory

/**
 * The database that the environment or the settings name; else the one that the bot of this home folder keeps there; else
 * files. Whoever shares an account must share this: two stores are two logs and two ideas of the rate limit.
 */
export const layer = (home: string): Layer.Layer<Stores, DatabaseUnavailable, Settings> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const url = (yield* databaseUrl) ?? (hasOwnDatabase(home) ? Redacted.make(ownDatabaseUrl(home)) : null)
      return url === null ? FileStores.layer(home) : yield* layerAt(home, url)
    })
  )

/** What `KEYSWEEP_DATABASE_URL` or the settings' `store` names; nothing where neither does. */
export const databaseUrl: Effect.Effect<Redacted.Redacted | null, DatabaseUnavailable, Settings> = Effect.gen(
  function* () {
    const given = yield* variable("KEYSWEEP_DATABASE_URL")
    if (given !== null) return given
    const { store } = yield* Settings
    if (store === undefined) return null
    if (typeof store === "string") return Redacted.make(store)
    const named = yield* variable(store.urlFrom)
    return (
      named ??
      (yield* new DatabaseUnavailable({ detail: `the settings' store needs ${store.urlFrom}, which is not set` }))
    )
  }
)

/** Loaded where it is needed: most programs keep their state in files, and some have no driver. */
const layerAt = (home: string, url: Redacted.Redacted) =>
  Effect.tryPromise({
    try: () => Promise.all([import("./PgStores.ts"), import("@keysweep/audit/store/PgDatabase")]),
    catch: () =>
      new DatabaseUnavailable({ detail: "the packages @effect/sql and @effect/sql-pg, which speak to it, are missing" })
  }).pipe(Effect.map(([stores, database]) => Layer.provide(stores.layer(home), database.layer(url))))

/** An empty variable is one that is not set. */
const variable = (name: string): Effect.Effect<Redacted.Redacted | null> =>
  Config.option(Config.redacted(name)).pipe(
    Effect.map(Option.filter((text) => Redacted.value(text) !== "")),
    Effect.map(Option.getOrNull),
    Effect.orElseSucceed(() => null)
  )
