import { RunId, sortableId } from "@keysweep/audit/RunId"
import { Schema } from "effect"
import { Ending } from "./Request.ts"

/** `err_`, sorts by time. */
export const ErrandId = Schema.String.pipe(Schema.pattern(/^err_[0-9a-z]{9}_[0-9a-z]{10}$/), Schema.brand("ErrandId"))
export type ErrandId = typeof ErrandId.Type

export const makeErrandId = sortableId("err")

/** Who asks for something that begins at once, and where. */
export interface Asker {
  readonly user: string
  readonly channel: string
  readonly responseUrl: string
}

/** What somebody has asked for that begins at once, without a plan to press on: written once, never changed. */
export const Errand = Schema.Struct({
  schema: Schema.Literal("keysweep.slack-errand/1"),
  id: ErrandId,
  at: Schema.DateTimeUtc,
  /** Slack user id. */
  user: Schema.String,
  channel: Schema.String,
  responseUrl: Schema.String,
  /** The run that it begins, or goes on with: by it the log says how far it has come. */
  run: RunId,
  /** `phrase`: what was typed, which chose the way and confirmed it. */
  panic: Schema.NullOr(Schema.Struct({ phrase: Schema.String, reason: Schema.NullOr(Schema.String) }))
})
export type Errand = typeof Errand.Type

/** An errand, and how far it has come. */
export interface ErrandNow extends Errand {
  /** Its message; nothing before it is posted. */
  readonly ts: string | null
  readonly ending: Ending | null
  readonly told: boolean
}
