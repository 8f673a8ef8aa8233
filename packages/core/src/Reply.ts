import { Option, Schema } from "effect"
import {
  type ApiError,
  ApiUnavailable,
  Forbidden,
  InvalidRequest,
  KeyNotFound,
  RateLimited,
  RouteMissing,
  Unauthorized,
  UnexpectedResponse
} from "./ApiError.ts"
import type { CallName } from "./Calls.ts"
import { errorMessage } from "./ErrorBody.ts"
import { decodeBody } from "./JsonBody.ts"
import type { RateHeaders } from "./PacerState.ts"
import { oneLine } from "./SafeText.ts"

interface Refusal {
  readonly call: CallName
  readonly status: number
  readonly body: string
  readonly cooldown: Option.Option<number>
}

/**
 * The error of a reply that is not a success. The status decides; the body gives only the words. One exception: a 403
 * or 404 that is not JSON comes from an edge or another server, and says nothing about a key.
 */
export const apiErrorOf = (refusal: Refusal): ApiError => {
  const { call, status } = refusal
  const detail = /^\s*</.test(refusal.body) ? "an HTML page instead of JSON" : wordsOf(refusal.body)
  switch (status) {
    case 401:
      return new Unauthorized({ call, detail })
    case 403:
      return isJsonObject(refusal.body)
        ? new Forbidden({ call, detail })
        : new ApiUnavailable({ call, reason: "edge", detail })
    case 404:
      return namesKey(call) && isJsonObject(refusal.body)
        ? new KeyNotFound({ call, detail })
        : new RouteMissing({ call, detail })
    case 405:
      return new RouteMissing({ call, detail })
    case 400:
    case 402:
    case 409:
    case 413:
    case 422:
      return new InvalidRequest({ call, status, detail })
    case 429:
      return new RateLimited({
        call,
        detail,
        cooldownMillis: Option.getOrElse(refusal.cooldown, () => documentedCooldown)
      })
    case 408:
      return new ApiUnavailable({ call, reason: "timeout", detail })
    default:
      if (status >= 500) return new ApiUnavailable({ call, reason: "server", detail: `status ${status}: ${detail}` })
      if (status >= 300 && status < 400) {
        return new UnexpectedResponse({ call, status, detail: "a redirect, which is not followed; check the base URL" })
      }
      return new UnexpectedResponse({ call, status, detail })
  }
}

const namesKey = (call: CallName): boolean =>
  call === "lookup" || call === "remove" || call === "toggle" || call === "update"

const isJsonObject = (body: string): boolean => Option.isSome(decodeBody(JsonObject, body))
const JsonObject = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const wordsOf = (body: string): string => oneLine(errorMessage(body) ?? body) || "no message"

/** 180 s, documented since 2025-06-03 (docs.electronhub.ai, `getting-started/rate-limits`). */
const documentedCooldown = 180_000

/**
 * Milliseconds of the upstream's time, at least a second: `Retry-After` where there is one, else the number in the
 * message, else the documented 180 s.
 */
export const cooldownOf = (header: (name: string) => Option.Option<string>, body: string): number => {
  const asked = Option.flatMap(header("retry-after"), seconds)
  if (Option.isSome(asked)) return Math.max(1, asked.value) * 1000
  const said = /try again in (\d{1,5}) seconds?/i.exec(errorMessage(body) ?? "")
  return said?.[1] === undefined ? documentedCooldown : Math.max(1, Number(said[1])) * 1000
}

const seconds = Schema.decodeOption(
  Schema.NumberFromString.pipe(Schema.nonNegative(), Schema.lessThanOrEqualTo(24 * 3600))
)

const count = Schema.decodeOption(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1_000_000)))

/**
 * `X-RateLimit-Limit` and `-Remaining`; nothing where either is missing or makes no sense. A limit beyond ten times the
 * highest documented one (1,000) is taken for that, because the pacer keeps an account of every request.
 */
export const rateHeadersOf = (header: (name: string) => Option.Option<string>): Option.Option<RateHeaders> =>
  Option.all({
    limit: Option.filter(Option.flatMap(header("x-ratelimit-limit"), count), (limit) => limit > 0),
    remaining: Option.flatMap(header("x-ratelimit-remaining"), count)
  }).pipe(
    Option.map(({ limit, remaining }) => {
      const used = Math.max(0, limit - remaining)
      const most = Math.min(limit, 10_000)
      return { limit: most, remaining: Math.max(0, most - used) }
    })
  )
