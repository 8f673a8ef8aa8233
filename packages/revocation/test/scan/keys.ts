import { type KeyId, keyIdOf, type ProxyKeySecret, proxyKeySecret } from "@keysweep/core/ProxyKey"
import { Either } from "effect"

const secretOf = (text: string): ProxyKeySecret => Either.getOrThrow(proxyKeySecret(text))

export const idOf = (text: string): KeyId => keyIdOf(secretOf(text))

/** What a reading of the account would have put in memory. */
export const knownKeys = (...texts: ReadonlyArray<string>): ReadonlyMap<KeyId, ProxyKeySecret> =>
  new Map(texts.map((text) => [idOf(text), secretOf(text)]))

export const base64 = (text: string): string => Buffer.from(text).toString("base64")

/** Keys of the account, as the documents show them, and a stranger. */
export const alpha = "ek-proxy-3f9a1c7e5b2d8064"
export const beta = "ek-proxy-a1b2c3d4e5f60718"
export const stranger = "ek-proxy-Zq7TgWm2Lx9RkP4s"
export const master = "ek-5d41402abc4b2a76b9719d911017c592"
