import { Either } from "effect"
import type { Owned } from "../AccountState.ts"
import { findKey } from "../AccountState.ts"
import type { Call } from "../Call.ts"
import { bodyOf, masterAccount, refuse } from "../Call.ts"
import type { Refusal } from "../Refusal.ts"
import { KeyBody } from "../RequestBody.ts"

/** The key that the body names (static dialect) or the path (path dialect), if it is the caller's own. */
export const ownKey = (call: Call): Either.Either<Owned, Refusal> =>
  Either.gen(function* () {
    const account = yield* masterAccount(call)
    const secret = call.pathKey ?? (yield* bodyOf(call, KeyBody)).proxy_key
    return yield* owned(call, secret, account.apiKey)
  })

/**
 * The value is looked up first: unknown is 404, known but of another account is 403.
 * Source: the changelog of 2026-05-23 and the lookup page.
 */
export const owned = (call: Call, secret: string, apiKey: string): Either.Either<Owned, Refusal> => {
  const found = findKey(call.world.accounts, secret)
  if (found === undefined) return refuse(404, "Proxy key not found")
  if (found.account.apiKey !== apiKey) return refuse(403, "You do not have permission to access this proxy key")
  return Either.right(found)
}

/** Before 2026-05-23: whoever knew a key's value could read and delete it, without a token. */
export const anyonesKey = (call: Call): Either.Either<Owned, Refusal> => {
  const found = findKey(call.world.accounts, call.pathKey ?? "")
  return found === undefined ? refuse(404, "Proxy key not found") : Either.right(found)
}
