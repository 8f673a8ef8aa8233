import { Schema } from "effect"

/** The emulator cannot start, or not with these options. `detail` is safe text. */
export class EmulatorFailed extends Schema.TaggedError<EmulatorFailed>()("EmulatorFailed", {
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** The command line cannot be understood. `detail` names options, never their values. */
export class EmulatorUsage extends Schema.TaggedError<EmulatorUsage>()("EmulatorUsage", { detail: Schema.String }) {
  override get message(): string {
    return this.detail
  }
}
