import type { StoredAccount, StoredKey } from "./AccountState.ts"
import { findKey } from "./AccountState.ts"

/** Who a bearer value belongs to. */
export type Caller =
  | { readonly _tag: "Master"; readonly account: StoredAccount }
  | { readonly _tag: "Proxy"; readonly account: StoredAccount; readonly key: StoredKey }
  | { readonly _tag: "Nobody"; readonly why: string }

export const callerOf = (authorization: string | undefined, accounts: ReadonlyArray<StoredAccount>): Caller => {
  if (authorization === undefined) return nobody("No API key provided. Send it as 'Authorization: Bearer ek-...'.")
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1]
  if (bearer === undefined) return nobody("Invalid Authorization header. Use 'Bearer ek-...'.")
  if (bearer.startsWith("ek-proxy-")) {
    const owned = findKey(accounts, bearer)
    return owned === undefined ? nobody("Invalid proxy key.") : { _tag: "Proxy", ...owned }
  }
  const account = accounts.find((account) => account.apiKey === bearer)
  if (account !== undefined) return { _tag: "Master", account }
  if (/^eyJ[^.]*\.[^.]+\.[^.]*$/.test(bearer))
    return nobody("JWT session tokens are not accepted here. Use an API key.")
  return nobody(
    bearer.startsWith("ek-dev-") ? "Coding Plan keys cannot call this endpoint." : "Invalid API key provided."
  )
}

/** The bearer value as sent, for the limiter's scope `key` and for the count of keys per address. */
export const bearerOf = (authorization: string | undefined): string =>
  /^bearer\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1] ?? ""

const nobody = (why: string): Caller => ({ _tag: "Nobody", why })
