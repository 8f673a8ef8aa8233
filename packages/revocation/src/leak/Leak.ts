import type { LeakSource } from "@keysweep/audit/Event"
import { type AccountId, accountIdOf } from "@keysweep/core/Account"
import { type KeyId, keyIdOf, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { Either, Encoding } from "effect"

/** One finding of a value that should not be where it is. The value itself is gone: what is left of it are hashes. */
export interface Leak {
  /** The ids of all that may be a proxy key in the text that was found. One of them is the key's, if it is one. */
  readonly keys: ReadonlyArray<KeyId>
  /** The same of all that may be a master key, as `Account.credential` is made. */
  readonly masters: ReadonlyArray<AccountId>
  readonly source: LeakSource
  /** What recognised it, in the words of the program that looked. */
  readonly detector: string | null
  /** `path:line`, and of what; foreign text, cleaned. */
  readonly place: string | null
}

export interface LeakOrigin {
  readonly source: LeakSource
  readonly detector?: string | null | undefined
  readonly place?: string | null | undefined
}

/** What the texts of one finding may be; nothing where they hold no key of this vendor. */
export const leakOf = (found: ReadonlyArray<string>, origin: LeakOrigin): Leak | null => {
  const texts = found.flatMap((text) => [text, ...decoded(text)])
  const keys = [...new Set(texts.flatMap(proxyKeysIn))]
  const masters = [...new Set(texts.flatMap((it) => it.match(masterKey) ?? []).map(accountIdOf))]
  return keys.length + masters.length === 0
    ? null
    : { keys, masters, source: origin.source, detector: clean(origin.detector), place: clean(origin.place) }
}

/** A detector's pattern may have taken more than the key, and the alphabet of keys is not documented: so the whole, too. */
const proxyKeysIn = (text: string): ReadonlyArray<KeyId> =>
  [...(text.match(proxyKey) ?? []), text.trim()].flatMap((it) =>
    Either.match(proxyKeySecret(it), { onLeft: () => [], onRight: (secret) => [keyIdOf(secret)] })
  )

const proxyKey = /ek-proxy-[A-Za-z0-9_-]+/g
const masterKey = /(?<![A-Za-z0-9])ek-(?!proxy-|dev-)[A-Za-z0-9_-]{8,253}/g

/** Scanners hand over base64 as they found it, as in a Kubernetes secret. */
const decoded = (text: string): ReadonlyArray<string> =>
  /^[A-Za-z0-9+/]{16,}={0,2}$/.test(text.trim())
    ? Either.match(Encoding.decodeBase64String(text.trim()), { onLeft: () => [], onRight: (plain) => [plain] })
    : []

const clean = (text: string | null | undefined): string | null => {
  const line = oneLine(text ?? "", 200)
  return line === "" ? null : line
}
