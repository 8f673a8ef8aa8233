import { createHmac } from "node:crypto"

/** A request as Slack sends it to an app: what is signed is exactly what is sent. */
export interface SignedRequest {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Signs a form the way Slack does: HMAC-SHA256 over `v0:<seconds>:<body>`.
 *
 * The content type has no charset: Bolt 5 compares it exactly, as Slack sends it.
 */
export const signed = (secret: string, seconds: number, body: string): SignedRequest => ({
  body,
  headers: {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": String(seconds),
    "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${seconds}:${body}`).digest("hex")}`
  }
})
