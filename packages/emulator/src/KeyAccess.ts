import { BlockList, isIP } from "node:net"
import type { StoredKey } from "./AccountState.ts"

/** Why a proxy key may not be used now for a model from an address; in the documents' words where they have any. */
export interface Denial {
  readonly reason: "inactive" | "expired" | "address" | "model" | "exhausted"
  readonly message: string
}

export const denialOf = (
  key: StoredKey,
  use: {
    readonly nowSeconds: number
    readonly address: string
    readonly model: string | undefined
    readonly price: number
  }
): Denial | undefined => {
  if (!key.is_active) return { reason: "inactive", message: "Proxy key is inactive" }
  if (key.expires_at !== -1 && key.expires_at <= use.nowSeconds) {
    return { reason: "expired", message: "Proxy key has expired" }
  }
  if (!addressAllowed(key.ip_whitelist, use.address))
    return { reason: "address", message: "IP address not in whitelist" }
  if (use.model !== undefined && key.model_whitelist.length > 0 && !key.model_whitelist.includes(use.model)) {
    return { reason: "model", message: `Model '${use.model}' not in whitelist` }
  }
  const left = key.allocated_ammount - key.used_ammount
  if (left <= 0 || left < use.price) return { reason: "exhausted", message: "Exceeded allocated amount for this key." }
  return undefined
}

/** IPv4 or IPv6 addresses or CIDR ranges; an empty list allows every address. */
const addressAllowed = (whitelist: ReadonlyArray<string>, address: string): boolean => {
  if (whitelist.length === 0) return true
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "")
  return whitelist.some((entry) => {
    const parsed = parseRange(entry)
    if (parsed === undefined) return false
    const list = new BlockList()
    list.addSubnet(parsed.base, parsed.prefix, parsed.family)
    return list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4")
  })
}

export const isAddressOrRange = (text: string): boolean => parseRange(text) !== undefined

const parseRange = (text: string) => {
  const [base = "", prefixText, ...rest] = text.split("/")
  const version = isIP(base)
  if (version === 0 || rest.length > 0) return undefined
  const longest = version === 4 ? 32 : 128
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined
  const prefix = prefixText === undefined ? longest : Number(prefixText)
  if (prefix > longest) return undefined
  const family: "ipv4" | "ipv6" = version === 4 ? "ipv4" : "ipv6"
  return { base, prefix, family }
}
