import { createHash, randomBytes } from "node:crypto"

/** Where new secrets come from: the same ones every time for the same seed text, else random. */
export interface SecretSource {
  /** `ek-proxy-` and 16 hexadecimal digits, as in the documented examples. */
  readonly proxyKey: () => string
  /** `ek-` and 32 characters, as the documents say of regenerated master keys. */
  readonly masterKey: () => string
}

export const makeSecretSource = (seed: string | undefined): SecretSource => {
  let count = 0
  const hex = (): string => {
    if (seed === undefined) return randomBytes(16).toString("hex")
    count += 1
    return createHash("sha256").update(`${seed}:${count}`).digest("hex").slice(0, 32)
  }
  return { proxyKey: () => `ek-proxy-${hex().slice(0, 16)}`, masterKey: () => `ek-${hex()}` }
}
