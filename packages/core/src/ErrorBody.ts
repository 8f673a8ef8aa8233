import { Option, Schema } from "effect"
import { decodeBody } from "./JsonBody.ts"

/**
 * The message of an error body, in every documented shape: `error.message`, `detail.error.message`, `detail` as a
 * text, `detail[0].msg`.
 */
export const errorMessage = (body: string): string | undefined => Option.getOrUndefined(decodeBody(ErrorBody, body))

const Envelope = Schema.Struct({ error: Schema.Struct({ message: Schema.String }) })
const ErrorBody = Schema.Union(
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
