import { Either, ParseResult, Schema } from "effect"
import { LimitType } from "./AccountState.ts"
import type { Issue } from "./Refusal.ts"

const text = Schema.String.annotations({ message: () => "Input should be a valid string" })

/** Pydantic also takes a number that is written as a text. */
const lenientNumber = (message: string, pattern: RegExp) =>
  Schema.Union(Schema.JsonNumber, Schema.NumberFromString.pipe(Schema.filter(Number.isFinite)))
    .annotations({ message: () => ({ message, override: true }) })
    .pipe(Schema.filter((value) => pattern.test(String(value)), { message: () => message }))
const integer = lenientNumber("Input should be a valid integer", /^-?\d+$/)
const number = lenientNumber("Input should be a valid number", /^/)

const texts = Schema.optionalWith(
  Schema.Array(text).annotations({ message: () => ({ message: "Input should be a valid list", override: false }) }),
  { default: () => [], exact: true }
)
const name = text.pipe(Schema.maxLength(25, { message: () => "String should have at most 25 characters" }))

/** 1 to 256 characters: the only hard limit on a key that the OpenAPI file states. */
const proxyKey = text.pipe(
  Schema.minLength(1, { message: () => "String should have at least 1 character" }),
  Schema.maxLength(256, { message: () => "String should have at most 256 characters" })
)

const limitType = Schema.optionalWith(
  LimitType.annotations({ message: () => "Input should be 'daily', 'weekly' or 'monthly'" }),
  { exact: true }
)

const settings = {
  name,
  /** Unix seconds, or -1. */
  expires_at: integer,
  allocated_ammount: number,
  model_whitelist: texts,
  ip_whitelist: texts,
  limit_type: limitType
}

export const SettingsBody = Schema.Struct(settings)
export type SettingsBody = typeof SettingsBody.Type
export const KeyBody = Schema.Struct({ proxy_key: proxyKey })
export const UpdateBody = Schema.Struct({ proxy_key: proxyKey, ...settings })
export const ValidateBody = Schema.Struct({ model: Schema.optional(Schema.NullOr(text)) })
export const ChatBody = Schema.Struct({ model: text, messages: Schema.Array(Schema.Unknown) })

/** What was sent, as far as FastAPI would look at it. */
export interface RawBody {
  readonly text: string
  /** Empty: not sent. */
  readonly contentType: string
}

/** A body that is not JSON fails before anything else is looked at, as in FastAPI. */
export const parseJson = (raw: RawBody): Either.Either<unknown, ReadonlyArray<Issue>> => {
  if (raw.text === "") return Either.right(undefined)
  if (!isJson(raw.contentType)) return Either.right(raw.text)
  return Either.try({
    try: (): unknown => JSON.parse(raw.text),
    catch: () => [{ type: "json_invalid", loc: ["body", 0], msg: "JSON decode error", input: {} }]
  })
}

export const decodeBody = <A, I>(
  schema: Schema.Schema<A, I>,
  parsed: unknown
): Either.Either<A, ReadonlyArray<Issue>> => {
  if (parsed === undefined || parsed === null)
    return Either.left([{ type: "missing", loc: ["body"], msg: "Field required", input: null }])
  if (typeof parsed !== "object" || Array.isArray(parsed)) {
    const msg = "Input should be a valid dictionary or object to extract fields from"
    return Either.left([{ type: "model_attributes_type", loc: ["body"], msg, input: parsed }])
  }
  return Schema.decodeUnknownEither(schema, { errors: "all" })(parsed).pipe(
    Either.mapLeft((error) => issuesOf(error, parsed))
  )
}

const issuesOf = (error: ParseResult.ParseError, parsed: object): ReadonlyArray<Issue> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map((issue) => {
    const msg = issue._tag === "Missing" ? "Field required" : issue.message
    return {
      type: types.find(([part]) => msg.includes(part))?.[1] ?? "value_error",
      loc: ["body", ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))],
      msg,
      // A stock FastAPI shows what was sent, a secret included; so clients must not repeat it.
      input: issue._tag === "Missing" ? parsed : at(parsed, issue.path)
    }
  })

const at = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>(
    (inner, part) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, part) : undefined),
    value
  )

/** Pydantic's names of the failures, by a part of their words. */
const types = [
  ["required", "missing"],
  ["at least", "string_too_short"],
  ["at most", "string_too_long"],
  ["valid string", "string_type"],
  ["valid integer", "int_parsing"],
  ["valid number", "float_parsing"],
  ["valid list", "list_type"],
  ["'daily'", "literal_error"]
] as const

const isJson = (contentType: string): boolean => /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType)
