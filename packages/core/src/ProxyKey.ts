import { DateTime, Either, Redacted, Schema } from "effect"
import { digestOf, shortHash } from "./Canonical.ts"
import { Credit, remaining } from "./Credit.ts"

/** What people see of a key: `kf_` and 80 bits of SHA-256 over the secret. The same on every machine. */
export const KeyId = Schema.String.pipe(Schema.pattern(/^kf_[a-z2-7]{16}$/), Schema.brand("KeyId")).annotations({
  identifier: "KeyId"
})
export type KeyId = typeof KeyId.Type

/**
 * A proxy key's secret: `ek-proxy-` and at least one more character, at most 256 in all (the only hard limit that the
 * upstream's OpenAPI file states; the alphabet is not documented).
 */
export const ProxyKeySecret = Schema.Redacted(
  Schema.String.pipe(
    Schema.pattern(/^ek-proxy-.+$/su),
    Schema.maxLength(256),
    Schema.filter((text) => !/\p{Surrogate}/u.test(text))
  )
).annotations({ identifier: "ProxyKeySecret" })
export type ProxyKeySecret = typeof ProxyKeySecret.Type

/** The one constructor from plain text. The failure says what is wrong and never repeats the text. */
export const proxyKeySecret = (text: string): Either.Either<ProxyKeySecret, string> =>
  Either.mapLeft(
    Schema.decodeUnknownEither(ProxyKeySecret)(text),
    () => "not a proxy key: a proxy key starts with ek-proxy- and has at most 256 characters"
  )

export const keyIdOf = (secret: ProxyKeySecret): KeyId => KeyId.make(`kf_${shortHash(Redacted.value(secret))}`)

/** A proxy key without its secret: settings, use, and fields of the upstream that we do not know. */
export class ProxyKey extends Schema.Class<ProxyKey>("ProxyKey")({
  id: KeyId,
  name: Schema.String,
  active: Schema.Boolean,
  /** `null`: never. */
  expiresAt: Schema.NullOr(Schema.DateTimeUtc),
  allocated: Credit,
  used: Credit,
  /** Models the key may use; empty: every model. */
  models: Schema.Array(Schema.String),
  /** IP addresses or CIDR ranges the key may be used from; empty: every address. */
  addresses: Schema.Array(Schema.String),
  createdAt: Schema.NullOr(Schema.DateTimeUtc),
  /** `null`: the upstream shows no use yet. */
  lastUsedAt: Schema.NullOr(Schema.DateTimeUtc),
  /** Fields of the upstream that this version does not know, as received (secrets in them replaced by ids). */
  other: Schema.Record({ key: Schema.String, value: Schema.Unknown })
}) {
  get remaining(): Credit {
    return remaining(this.allocated, this.used)
  }
}

export const KeyState = Schema.Literal("active", "disabled", "expired", "exhausted")
export type KeyState = typeof KeyState.Type

/** A disabled key is `disabled` whatever else holds: it is the one state that an operator chose. */
export const stateAt = (key: ProxyKey, now: DateTime.Utc): KeyState => {
  if (!key.active) return "disabled"
  if (isExpired(key, now)) return "expired"
  return key.remaining === 0 ? "exhausted" : "active"
}

export const isExpired = (key: ProxyKey, now: DateTime.Utc): boolean =>
  key.expiresAt !== null && DateTime.lessThanOrEqualTo(key.expiresAt, now)

/**
 * SHA-256 over what an operator can set on a key: a plan holds it, and a run refuses a key that has another one.
 * Use (`used`, `lastUsedAt`) is left out; the order within an allow-list does not matter.
 */
export const settingsDigest = (key: ProxyKey): string =>
  digestOf({
    name: key.name,
    active: key.active,
    expiresAt: key.expiresAt === null ? null : DateTime.formatIso(key.expiresAt),
    allocated: key.allocated,
    models: [...key.models].sort(),
    addresses: [...key.addresses].sort(),
    limitType: key.other["limit_type"],
    enabledThinking: key.other["enabled_thinking"]
  })
