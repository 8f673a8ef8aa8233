import { DateTime, Either, ParseResult, Redacted, Schema } from "effect"
import { Credit, toCredits, zero } from "./Credit.ts"
import { type KeySettings, type NewKey, wholeSeconds } from "./KeySettings.ts"
import { keyIdOf, ProxyKey, ProxyKeySecret } from "./ProxyKey.ts"
import { jsonWithoutSecrets, withoutSecrets } from "./SafeText.ts"

/**
 * The upstream's own shapes and spellings. No other file of the client knows `allocated_ammount` or `ip_whitelist`.
 *
 * Sources: docs.electronhub.ai `api-reference/proxy-*` and `openapi.json` (2026-07-22); where they differ, the looser
 * reading is taken: every field but name, expiry and allocation is optional.
 */

/** Unix seconds; the documented range is not stated, so anything that a date can hold. */
const UnixSeconds = Schema.Number.pipe(Schema.filter((seconds) => Math.abs(seconds) <= 8_640_000_000_000))

const optionalText = Schema.optional(Schema.NullOr(Schema.String))
const optionalNumber = Schema.optional(Schema.NullOr(Schema.Number))

const known = {
  key: ProxyKeySecret,
  name: Schema.String,
  /** Unix seconds; `-1`: never. */
  expires_at: UnixSeconds,
  /** Credits; the double m is the upstream's. */
  allocated_ammount: Credit,
  used_ammount: Schema.optional(Credit),
  is_active: Schema.optional(Schema.Boolean),
  /** Empty: every model. */
  model_whitelist: Schema.optional(Schema.NullOr(Schema.Array(Schema.String))),
  /** Empty: every address. */
  ip_whitelist: Schema.optional(Schema.NullOr(Schema.Array(Schema.String))),
  created_at: Schema.optional(Schema.NullOr(UnixSeconds)),
  /** `null`: right after creation; read as "no use yet". */
  last_used: Schema.optional(Schema.NullOr(UnixSeconds))
}

/** One proxy key as the upstream shows it in list, create and lookup, unknown fields kept. */
export const WireProxyKey = Schema.Struct(known, { key: Schema.String, value: Schema.Unknown })
export type WireProxyKey = typeof WireProxyKey.Type

/** One decoded record: the key, which never has the secret, and the secret beside it. */
export interface HeldKey {
  readonly key: ProxyKey
  readonly secret: ProxyKeySecret
  /** Shown by lookup only. */
  readonly userId: string | null
}

/** The failure says which field is wrong, never what was in it. */
export const decodeHeldKey = (wire: unknown): Either.Either<HeldKey, string> => {
  const fields = fieldsOf(wire)
  // No object can hold a field of this name as a field: kept it would change what others say, dropped it would be lost.
  if (fields.some(([field]) => field === "__proto__")) return Either.left("cannot read __proto__")
  return decodeKnown(wire).pipe(Either.mapBoth({ onLeft: whichFields, onRight: (it) => heldKey(it, fields) }))
}

const Known = Schema.Struct(known)
const decodeKnown = Schema.decodeUnknownEither(Known)

const fieldsOf = (wire: unknown): ReadonlyArray<readonly [string, unknown]> =>
  typeof wire === "object" && wire !== null ? Object.entries(wire) : []

const heldKey = (wire: typeof Known.Type, fields: ReadonlyArray<readonly [string, unknown]>): HeldKey => ({
  key: ProxyKey.make({
    id: keyIdOf(wire.key),
    name: withoutSecrets(wire.name),
    // A key that does not say whether it is active is taken for active: the state that calls for care.
    active: wire.is_active ?? true,
    expiresAt: wire.expires_at === -1 ? null : time(wire.expires_at),
    allocated: wire.allocated_ammount,
    used: wire.used_ammount ?? zero,
    models: (wire.model_whitelist ?? []).map(withoutSecrets),
    addresses: (wire.ip_whitelist ?? []).map(withoutSecrets),
    createdAt: timeOrNull(wire.created_at),
    lastUsedAt: timeOrNull(wire.last_used),
    other: unknownFields(fields)
  }),
  secret: wire.key,
  userId: userIdOf(fields)
})

const userIdOf = (fields: ReadonlyArray<readonly [string, unknown]>): string | null => {
  const id = fields.find(([field]) => field === "user_id")?.[1]
  return typeof id === "string" && id !== "" ? id : null
}

const unknownFields = (fields: ReadonlyArray<readonly [string, unknown]>): { readonly [field: string]: unknown } =>
  Object.fromEntries(
    fields
      .filter(([field]) => !Object.hasOwn(known, field) && field !== "user_id")
      .map(([field, value]) => [withoutSecrets(field), jsonWithoutSecrets(value)])
  )

const time = (seconds: number): DateTime.Utc => DateTime.unsafeMake(seconds * 1000)
const timeOrNull = (seconds: number | null | undefined): DateTime.Utc | null =>
  seconds === null || seconds === undefined ? null : time(seconds)

const whichFields = (error: ParseResult.ParseError): string => {
  const fields = ParseResult.ArrayFormatter.formatErrorSync(error).map(
    ({ path }) => path.join(".") || "the record itself"
  )
  return `cannot read ${[...new Set(fields)].slice(0, 5).join(", ")}`
}

/** The body of every call that names one key in the static dialect. */
export const keyBody = (secret: ProxyKeySecret) => ({ proxy_key: Redacted.value(secret) })

/** The body of a create. */
export const newKeyBody = (key: NewKey) => ({
  name: key.name,
  expires_at: wholeSeconds(key.expiresAt) ?? -1,
  allocated_ammount: toCredits(key.allocated),
  model_whitelist: key.models,
  ip_whitelist: key.addresses
})

/** The body of an update; in the static dialect the key stands beside it. */
export const settingsBody = (settings: KeySettings) => ({
  ...newKeyBody(settings),
  ...(settings.limitType === "unstated" ? {} : { limit_type: settings.limitType })
})

/** `toggle`: `status` is the state after the call. */
export const WireToggled = Schema.Struct({ status: Schema.Boolean })

/** `update`, `remove` and delete-all say no more than a message; delete-all says the same one when there was nothing to delete. */
export const WireMessage = Schema.Struct({ message: Schema.String })

/** `user/me`. `credits` is an integer in the documents; any number is taken. */
export const WireUser = Schema.Struct({
  subscription: Schema.optional(Schema.NullOr(Schema.String)),
  credits: Credit,
  usage: Schema.optional(Schema.NullOr(Schema.Struct({ input_tokens: optionalNumber, output_tokens: optionalNumber }))),
  history: Schema.optional(
    Schema.NullOr(Schema.Array(Schema.Struct({ date: Schema.String, requests: Schema.Number })))
  ),
  endpoints: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Number })))
})
export type WireUser = typeof WireUser.Type

/** `user/logs`: `key` is the secret in full, master key or proxy key. */
export const WireLogs = Schema.Array(
  Schema.Struct({
    key: Schema.Redacted(Schema.String),
    timestamp: UnixSeconds,
    credits: Credit,
    model: optionalText,
    route: optionalText,
    status: optionalText,
    ip: optionalText,
    input_tokens: optionalNumber,
    output_tokens: optionalNumber
  })
)
export type WireLogs = typeof WireLogs.Type
