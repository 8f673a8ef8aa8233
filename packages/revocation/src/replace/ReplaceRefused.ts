import { Schema } from "effect"

/** New keys cannot be made like this, and why. Nothing was changed. */
export class ReplaceRefused extends Schema.TaggedError<ReplaceRefused>()("ReplaceRefused", {
  detail: Schema.String,
  /** The same without names of keys, where the detail has some. */
  unnamed: Schema.optional(Schema.String)
}) {
  override get message(): string {
    return this.detail
  }
}
