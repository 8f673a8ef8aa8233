import type { Answer } from "./Answer.ts"
import { html, json } from "./Answer.ts"
import type { Settled } from "./Switches.ts"

/** One thing that is wrong with a request's body, in FastAPI's words. */
export interface Issue {
  readonly type: string
  readonly loc: ReadonlyArray<string | number>
  readonly msg: string
  readonly input?: unknown
}

/** Why a request is not done. `type` is what the envelope shows; `issues` are those of a body's schema. */
export interface Refusal {
  readonly status: number
  readonly message: string
  readonly type: "error" | "invalid_request_error"
  readonly param: string | null
  readonly issues?: ReadonlyArray<Issue>
}

export const refusal = (status: number, message: string, param: string | null = null): Refusal => ({
  status,
  message,
  // The two documented spellings: `error` beside 402, 429 and the address limit, `invalid_request_error` elsewhere.
  type: status === 402 || status === 429 ? "error" : "invalid_request_error",
  param
})

/** A body that does not fit the schema: 400 since 2026-07-07, 422 before. */
export const invalidBody = (issues: ReadonlyArray<Issue>, switches: Settled): Refusal => {
  const first = issues[0]
  const field = first?.loc.find((part) => typeof part === "string" && part !== "body")
  const where = field === undefined ? "" : `${field}: `
  return {
    status: switches.validationStatus,
    message: `${where}${first?.msg ?? "Invalid request"}`,
    type: "invalid_request_error",
    param: field === undefined ? null : String(field),
    issues
  }
}

/** The documented shapes of an error body, and HTML for the unlucky case. */
export const refusalAnswer = (refusal: Refusal, switches: Settled): Answer => {
  switch (switches.errorBody) {
    case "envelope":
      return json(refusal.status, envelope(refusal, switches))
    case "detail-string":
      // A stock FastAPI answers schema failures with a list, whatever its other errors look like.
      return json(refusal.status, { detail: refusal.issues ?? refusal.message })
    case "detail-error":
      return json(refusal.status, { detail: envelope(refusal, switches) })
    case "detail-list":
      return json(refusal.status, {
        detail: refusal.issues ?? [{ type: refusal.type, loc: ["body"], msg: refusal.message }]
      })
    case "html":
      return html(refusal.status, `<html><body><h1>${refusal.status}</h1></body></html>\n`)
  }
}

const envelope = (refusal: Refusal, switches: Settled) => ({
  error: { message: refusal.message, type: refusal.type, param: refusal.param, code: codeOf(refusal, switches) }
})

const codeOf = (refusal: Refusal, switches: Settled): number | string | null => {
  switch (switches.errorCode) {
    case "number":
      return refusal.status
    case "string":
      return names[refusal.status] ?? "specific_error_code"
    case "null":
      return null
  }
}

const names: { readonly [status: number]: string } = {
  400: "invalid_request",
  401: "invalid_api_key",
  402: "insufficient_balance",
  403: "forbidden",
  404: "not_found",
  422: "validation_error",
  429: "rate_limit_exceeded"
}
