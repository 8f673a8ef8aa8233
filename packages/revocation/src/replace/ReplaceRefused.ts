import { Schema } from "effect"

/** New keys cannot be made like this, and why. Nothing was changed. */
export class ReplaceRefused extends Schema.TaggedError<ReplaceRefused>()("ReplaceRefused", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}
