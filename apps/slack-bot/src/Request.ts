import { sortableId } from "@keysweep/audit/RunId"
import { Outcome } from "@keysweep/revocation/Outcome"
import { Plan } from "@keysweep/revocation/Plan"
import { Receipt } from "@keysweep/revocation/Receipt"
import { type Effect, Schema } from "effect"

/** `req_`, sorts by time. It stands in buttons and modals; everything else stays here. */
export const RequestId = Schema.String.pipe(Schema.pattern(/^req_[0-9a-z]{9}_[0-9a-z]{10}$/), Schema.brand("RequestId"))
export type RequestId = typeof RequestId.Type

export const makeRequestId: Effect.Effect<string> = sortableId("req")

/** What was asked for: written once, never changed. */
export const Opened = Schema.Struct({
  schema: Schema.Literal("keysweep.slack-request/1"),
  id: RequestId,
  at: Schema.DateTimeUtc,
  plan: Plan,
  /** Slack user id. */
  requester: Schema.String,
  channel: Schema.String
})

/** Where its message is. */
export const Posted = Schema.Struct({ ts: Schema.String })

/** The requester's own yes. */
export const Confirmation = Schema.Struct({ by: Schema.String, at: Schema.DateTimeUtc })

/** The one decision that ends the waiting: it is carried out, or it is not. Whoever writes it first has decided. */
export const Taken = Schema.Struct({ how: Schema.Literal("run", "cancel"), by: Schema.String, at: Schema.DateTimeUtc })

/** How it ended. `receipt` is there if it ran. */
export const Ending = Schema.Struct({
  outcome: Outcome,
  detail: Schema.String,
  receipt: Schema.NullOr(Receipt),
  at: Schema.DateTimeUtc
})
export type Ending = typeof Ending.Type

/** A plan that somebody asked for in Slack, and how far it has come. */
export interface Request extends Schema.Schema.Type<typeof Opened> {
  readonly ts: string | null
  readonly confirmation: typeof Confirmation.Type | null
  readonly taken: typeof Taken.Type | null
  readonly ending: Ending | null
  /** Its end is shown, and whoever had to do with it was told. */
  readonly told: boolean
}
