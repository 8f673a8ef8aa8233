import { Schema } from "effect"

/**
 * The bodies of the upstream as its documents have them in generation G2, written from the reference and used by nothing
 * that makes an answer: an answer that strays from the documents is found by comparing the two.
 */
const seconds = Schema.Int.annotations({ description: "Unix seconds" })
const credits = Schema.NonNegative.annotations({ description: "Credits" })
const name = Schema.String.pipe(Schema.maxLength(25))
const expiry = seconds.annotations({ description: "Unix seconds; -1: never" })
const allocation = Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(10_000)).annotations({
  description: "Credits; the spelling with two m is the wire's"
})
const models = Schema.Array(Schema.String).annotations({ description: "Empty: every model" })
const addresses = Schema.Array(Schema.String).annotations({ description: "IPv4, IPv6 or CIDR; empty: every address" })
const limitType = Schema.Literal("daily", "weekly", "monthly")
const secret = Schema.String.pipe(Schema.pattern(/^ek-proxy-/)).annotations({ description: "The whole usable secret" })
const named = <A, I>(identifier: string, schema: Schema.Schema<A, I>) => schema.annotations({ identifier })

const key = {
  name,
  key: secret,
  expires_at: expiry,
  allocated_ammount: credits,
  used_ammount: credits,
  is_active: Schema.Boolean,
  model_whitelist: models,
  ip_whitelist: addresses,
  created_at: seconds,
  last_used: Schema.NullOr(seconds)
}

export const ProxyKey = named("ProxyKey", Schema.Struct(key))
export const ProxyKeys = named("ProxyKeys", Schema.Array(ProxyKey))
export const LookedUpKey = named(
  "LookedUpKey",
  Schema.Struct({ ...key, user_id: Schema.String, enabled_thinking: Schema.Boolean })
)
export const Updated = named("Updated", Schema.Struct({ message: Schema.Literal("Proxy key updated") }))
export const Toggled = named(
  "Toggled",
  Schema.Struct({
    message: Schema.Literal("Proxy key status updated"),
    status: Schema.Boolean.annotations({ description: "is_active after the call" })
  })
)
export const Deleted = named("Deleted", Schema.Struct({ message: Schema.Literal("Proxy key deleted") }))
export const AllDeleted = named("AllDeleted", Schema.Struct({ message: Schema.Literal("Proxy keys deleted") }))
export const Verdict = named("Verdict", Schema.Struct({ valid: Schema.Boolean, message: Schema.String }))
export const NewMasterKey = named(
  "NewMasterKey",
  Schema.Struct({ key: Schema.String.pipe(Schema.pattern(/^ek-.{32,}$/)) })
)
export const User = named(
  "User",
  Schema.Struct({
    subscription: Schema.String,
    credits: Schema.Int,
    usage: Schema.Struct({ input_tokens: Schema.Int, output_tokens: Schema.Int }),
    history: Schema.Array(Schema.Struct({ date: Schema.String, requests: Schema.Int })),
    endpoints: Schema.Struct({
      "chat.completions": Schema.Int,
      "images.generations": Schema.Int,
      "images.edits": Schema.Int,
      "videos.generations": Schema.Int
    })
  })
)
export const Logs = named(
  "Logs",
  Schema.Array(
    Schema.Struct({
      key: Schema.String,
      model: Schema.String,
      route: Schema.String,
      credits,
      timestamp: seconds,
      status: Schema.Literal("success", "cancelled", "error"),
      ip: Schema.String,
      input_tokens: Schema.optionalWith(Schema.Int, { exact: true }),
      output_tokens: Schema.optionalWith(Schema.Int, { exact: true })
    })
  )
)
export const ModelUse = named(
  "ModelUse",
  Schema.Struct({
    total_consumption: credits,
    models: Schema.Record({
      key: Schema.String,
      value: Schema.Struct({
        requests: Schema.Int,
        input_tokens: Schema.Int,
        output_tokens: Schema.Int,
        total_cost: credits,
        owned_by: Schema.String
      })
    }),
    last_updated: seconds
  })
)
/** Since 2026-07-07, for every endpoint. */
export const Failure = named(
  "Failure",
  Schema.Struct({
    error: Schema.Struct({
      message: Schema.String,
      type: Schema.Literal("error", "invalid_request_error"),
      param: Schema.NullOr(Schema.String),
      code: Schema.NullOr(Schema.Int).annotations({ description: "The HTTP status" })
    })
  })
)

const settings = {
  name,
  expires_at: expiry,
  allocated_ammount: allocation,
  model_whitelist: Schema.optionalWith(models, { exact: true }),
  ip_whitelist: Schema.optionalWith(addresses, { exact: true })
}
const keyName = Schema.String.pipe(Schema.minLength(1), Schema.maxLength(256))
const update = { ...settings, limit_type: Schema.optionalWith(limitType, { exact: true }) }

export const CreateRequest = named("CreateRequest", Schema.Struct(settings))
export const KeyRequest = named("KeyRequest", Schema.Struct({ proxy_key: keyName }))
export const UpdateRequest = named("UpdateRequest", Schema.Struct({ proxy_key: keyName, ...update }))
export const PathUpdateRequest = named("PathUpdateRequest", Schema.Struct(update))
export const ValidateRequest = named(
  "ValidateRequest",
  Schema.Struct({ model: Schema.optionalWith(Schema.String, { exact: true }) })
)
