import { Schema } from "effect"

/** A value did not arrive, for sure or for all we know. It is not lost: the account's list still shows it. */
export class SinkFailed extends Schema.TaggedError<SinkFailed>()("SinkFailed", {
  /** As the sink is written; no secret. */
  sink: Schema.String,
  /** Safe text: what went wrong, and what would cure it. */
  detail: Schema.String,
  /** `unknown`: the reply was lost, so the value may be there. */
  arrived: Schema.Literal("no", "unknown")
}) {
  override get message(): string {
    return `${this.sink}: ${this.detail}`
  }
}
