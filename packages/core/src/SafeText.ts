import { shortHash } from "./Canonical.ts"

// A proxy or Coding Plan key by its prefix, whatever follows: the alphabet is not documented. A master key only where a
// word begins or where it is long, because "week-overview" and "greek-letters" are no secrets; a long one that ends
// with the "ek" of the next takes that along. Our own texts speak of "ek-proxy-…".
const secretShape =
  /ek-(?:proxy|dev)-(?!…)[^\s"'`<>,;|]{1,256}|(?<![\p{L}\p{N}])ek-[\p{L}\p{N}_~+.=-]{8,}|ek-[\p{L}\p{N}_]{24,}(?:(?<=ek)-[^\s"'`<>,;|]{1,256})?/gu
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
export const jsonWithoutSecrets = (value: unknown): unknown => cleaned(value, deepest)

/** Far beyond any real value, and far from the end of the stack. */
const deepest = 100

const cleaned = (value: unknown, depth: number): unknown => {
  if (typeof value === "string") return withoutSecrets(value)
  if (typeof value !== "object" || value === null) return value
  if (depth === 0) return "[nested too deeply]"
  if (Array.isArray(value)) return value.map((inner) => cleaned(inner, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [withoutSecrets(name), cleaned(inner, depth - 1)])
  )
}

const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** One harmless line: no secret, no control or bidirectional character, at most `limit` characters. */
export const oneLine = (text: string, limit = 200): string => {
  // A body may be as large as memory; what is shown of it is not.
  const clean = withoutSecrets(text.slice(0, limit * 20))
    .replaceAll(controls, " ")
    .trim()
  const characters = [...clean]
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : clean
}
