import { Context, Effect, Layer, Ref, Schema } from "effect"
import { AccountId } from "./Account.ts"
import { Dialect } from "./Dialect.ts"

/** What one lookup has shown of the account behind a master key; worth a request each time it is forgotten, no more. */
export const KnownAccount = Schema.Struct({
  account: AccountId,
  dialect: Dialect,
  /** The server that showed it: another one may speak another dialect. */
  baseUrl: Schema.String
})
export type KnownAccount = typeof KnownAccount.Type

/** Remembers, per master key, the account's id and dialect. A store that cannot be read answers `null`. */
export class AccountMemory extends Context.Tag("@keysweep/core/AccountMemory")<
  AccountMemory,
  {
    readonly get: (credential: AccountId) => Effect.Effect<KnownAccount | null>
    readonly set: (credential: AccountId, known: KnownAccount) => Effect.Effect<void>
  }
>() {
  static readonly layerMemory = Layer.effect(
    AccountMemory,
    Effect.gen(function* () {
      const known = yield* Ref.make<ReadonlyMap<AccountId, KnownAccount>>(new Map())
      return AccountMemory.of({
        get: (credential) => Effect.map(Ref.get(known), (all) => all.get(credential) ?? null),
        set: (credential, it) => Ref.update(known, (all) => new Map(all).set(credential, it))
      })
    })
  )
}
