import { shortHash } from "./Canonical.ts"

const secretShape = /ek-(?:proxy-|dev-)?[\p{L}\p{N}_~+.=-]{8,}/gu
const proxySecretShape = /^ek-proxy-/u

/**
 * A text with everything that looks like an Electron Hub secret replaced by its id.
 *
 * Applied to every foreign text that reaches a person, a file or a log: names of keys, messages of the upstream.
 * A key name may be 25 characters long, which is exactly the length of the documented example of a secret.
 */
export const withoutSecrets = (text: string): string =>
  text.replaceAll(secretShape, (secret) => (proxySecretShape.test(secret) ? `[kf_${shortHash(secret)}]` : "[secret]"))

/** {@link withoutSecrets} over every text of a JSON value, names of fields included. */
export const jsonWithoutSecrets = (value: unknown): unknown => {
  if (typeof value === "string") return withoutSecrets(value)
  if (Array.isArray(value)) return value.map(jsonWithoutSecrets)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [withoutSecrets(name), jsonWithoutSecrets(inner)])
    )
  }
  return value
}

const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** One harmless line: no secret, no control or bidirectional character, at most `limit` characters. */
export const oneLine = (text: string, limit = 200): string => {
  const clean = withoutSecrets(text).replaceAll(controls, " ").trim()
  const characters = [...clean]
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : clean
}
