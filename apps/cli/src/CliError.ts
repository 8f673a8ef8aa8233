import { Schema } from "effect"
import { Outcome } from "@keysweep/revocation/Outcome"

/** What was typed cannot be understood, or must not be done. Found before anything happened. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  /** One sentence, safe to show. */
  detail: Schema.String,
  /** The exact thing to type or do next. */
  next: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.detail
  }
}

/** The command has said everything already; only its exit code is left. */
export class Ended extends Schema.TaggedError<Ended>()("Ended", { outcome: Outcome }) {
  override get message(): string {
    return this.outcome
  }
}
