import { Schema } from "effect"

/**
 * One class per reaction of a caller. An error carries safe text only: never a request, a header, a body with a secret
 * or a transport's own error.
 */
const fields = {
  /** Which call of the upstream: a name out of `Calls`. */
  call: Schema.String,
  /** Safe, one line, at most 200 characters. */
  detail: Schema.String
}

/** 401: the key that authorises the call is wrong, revoked or of the wrong kind: the master key, for validate the proxy key. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", fields) {
  override get message(): string {
    const key = this.call === "validate" ? "proxy key" : "master key"
    return `The upstream refused the ${key} (401 on ${this.call}): ${this.detail}`
  }
}

/** 403: the key belongs to somebody else, or the master key may not do this, or a cap of the plan is reached. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", fields) {
  override get message(): string {
    return `The upstream forbids this (403 on ${this.call}): ${this.detail}`
  }
}

/** 404 on a call that names a key. It counts as gone only when a fresh list agrees: a missing route says 404 too. */
export class KeyNotFound extends Schema.TaggedError<KeyNotFound>()("KeyNotFound", fields) {
  override get message(): string {
    return `The upstream does not know this key (404 on ${this.call}): ${this.detail}`
  }
}

/** The server does not have this route: it speaks the other dialect, or it is not Electron Hub. */
export class RouteMissing extends Schema.TaggedError<RouteMissing>()("RouteMissing", fields) {
  override get message(): string {
    return `The server has no route for ${this.call}: ${this.detail}`
  }
}

/** 400, 402, 409, 413, 422: the upstream does not accept these values. */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  ...fields,
  status: Schema.Int
}) {
  override get message(): string {
    return `The upstream does not accept this (${this.status} on ${this.call}): ${this.detail}`
  }
}

/** 429. The wait belongs to the pacer, never to a retry schedule. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  ...fields,
  /** Milliseconds from the reply to the end of the cooldown. */
  cooldownMillis: Schema.Number
}) {
  override get message(): string {
    return `Rate limit reached on ${this.call}; the account is locked for ${Math.ceil(this.cooldownMillis / 1000)} s: ${this.detail}`
  }
}

/**
 * No usable answer: no connection, a time-out, a 5xx, or a page of the edge in front of the upstream. Whether a write
 * had an effect is not known.
 */
export class ApiUnavailable extends Schema.TaggedError<ApiUnavailable>()("ApiUnavailable", {
  ...fields,
  reason: Schema.Literal("network", "timeout", "server", "edge"),
  /** `false`: there was no connection to send it over, so it cannot have had an effect and never will. */
  sent: Schema.optionalWith(Schema.Boolean, { default: () => true })
}) {
  override get message(): string {
    return `No usable answer to ${this.call} (${this.reason}): ${this.detail}`
  }
}

/** An answer that the contract does not know: a 200 with nonsense, a redirect, a strange status. */
export class UnexpectedResponse extends Schema.TaggedError<UnexpectedResponse>()("UnexpectedResponse", {
  ...fields,
  status: Schema.Int
}) {
  override get message(): string {
    return `Unexpected answer to ${this.call} (${this.status}): ${this.detail}`
  }
}

export const ApiError = Schema.Union(
  Unauthorized,
  Forbidden,
  KeyNotFound,
  RouteMissing,
  InvalidRequest,
  RateLimited,
  ApiUnavailable,
  UnexpectedResponse
)
export type ApiError = typeof ApiError.Type

/** Whether a write that ended in this error may have had its effect all the same. Such a write is settled by reading. */
export const isInDoubt = (error: ApiError): boolean =>
  error._tag === "ApiUnavailable" || error._tag === "UnexpectedResponse"
