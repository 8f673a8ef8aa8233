import { DateTime, Either, ParseResult, Redacted, Schema } from "effect"
import { Credit } from "./Credit.ts"
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
export const decodeHeldKey = (wire: unknown): Either.Either<HeldKey, string> =>
  Schema.decodeUnknownEither(WireProxyKey)(wire).pipe(Either.mapBoth({ onLeft: whichFields, onRight: heldKey }))

const heldKey = (wire: WireProxyKey): HeldKey => ({
  key: ProxyKey.make({
    id: keyIdOf(wire.key),
    name: withoutSecrets(wire.name),
    // A key that does not say whether it is active is taken for active: the state that calls for care.
    active: wire.is_active ?? true,
    expiresAt: wire.expires_at === -1 ? null : time(wire.expires_at),
    allocated: wire.allocated_ammount,
    used: wire.used_ammount ?? Credit.to.make(0),
    models: wire.model_whitelist ?? [],
    addresses: wire.ip_whitelist ?? [],
    createdAt: timeOrNull(wire.created_at),
    lastUsedAt: timeOrNull(wire.last_used),
    other: unknownFields(wire)
  }),
  secret: wire.key,
  userId: typeof wire["user_id"] === "string" ? wire["user_id"] : null
})

const unknownFields = (wire: WireProxyKey): { readonly [field: string]: unknown } =>
  Object.fromEntries(
    Object.entries(wire)
      .filter(([field]) => !(field in known) && field !== "user_id")
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

/** `toggle`: `status` is the state after the call. */
export const WireToggled = Schema.Struct({ status: Schema.Boolean })

/** `remove` and delete-all say no more than a message; delete-all says the same one when there was nothing to delete. */
export const WireMessage = Schema.Struct({ message: Schema.String })

/**
 * The message of an error body, in every documented shape: `error.message`, `detail.error.message`, `detail` as a
 * text, `detail[0].msg`.
 */
export const errorMessage = (body: string): string | undefined =>
  Either.getOrUndefined(Schema.decodeUnknownEither(ErrorBody)(body))

const Envelope = Schema.Struct({ error: Schema.Struct({ message: Schema.String }) })
const ErrorBody = Schema.parseJson(
  Schema.Union(
    Schema.transform(Envelope, Schema.String, {
      strict: true,
      decode: (it) => it.error.message,
      encode: (message) => ({ error: { message } })
    }),
    Schema.transform(Schema.Struct({ detail: Envelope }), Schema.String, {
      strict: true,
      decode: (it) => it.detail.error.message,
      encode: (message) => ({ detail: { error: { message } } })
    }),
    Schema.transform(Schema.Struct({ detail: Schema.String }), Schema.String, {
      strict: true,
      decode: (it) => it.detail,
      encode: (detail) => ({ detail })
    }),
    Schema.transform(
      Schema.Struct({ detail: Schema.NonEmptyArray(Schema.Struct({ msg: Schema.String })) }),
      Schema.String,
      { strict: true, decode: (it) => it.detail[0].msg, encode: (msg) => ({ detail: [{ msg }] as const }) }
    )
  )
)
