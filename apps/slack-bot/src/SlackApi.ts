import { Context, type Effect, Schema } from "effect"
import type { Message, Modal } from "./Blocks.ts"
import type { TextFile } from "./Reply.ts"

/** Slack did not take what was said. `reason` is Slack's own code (`not_in_channel`), or what went wrong on the way. */
export class SlackUnavailable extends Schema.TaggedError<SlackUnavailable>()("SlackUnavailable", {
  method: Schema.String,
  reason: Schema.String,
  /** A second attempt may help, after so many milliseconds; `null`: it would not. */
  retryAfterMillis: Schema.NullOr(Schema.Number)
}) {
  override get message(): string {
    return `Slack refused ${this.method}: ${this.reason}`
  }
}

/** Somebody has removed the message that was to be changed. */
export const isGone = ({ reason }: SlackUnavailable): boolean => reason === "message_not_found"

/** Where a message is. */
export interface Place {
  readonly channel: string
  readonly ts: string
}

/** What the bot says in Slack. */
export class SlackApi extends Context.Tag("@keysweep/slack-bot/SlackApi")<
  SlackApi,
  {
    /**
     * Says something new, perhaps in the thread below a message; gives its `ts`. Never repeated: after a lost reply the
     * message may be there.
     */
    readonly post: (channel: string, message: Message, thread?: string) => Effect.Effect<string, SlackUnavailable>
    /** Replaces a message. Repeated a few times: a second one changes nothing. */
    readonly update: (place: Place, message: Message) => Effect.Effect<void, SlackUnavailable>
    /** Tells one person, through the `response_url` of what they did. Five times within 30 minutes. */
    readonly answer: (responseUrl: string, message: Message) => Effect.Effect<void, SlackUnavailable>
    /** Shows a modal; gives its id. The trigger lives for 3 seconds. */
    readonly openModal: (trigger: string, modal: Modal) => Effect.Effect<string, SlackUnavailable>
    /** Puts another one into its place. Repeated a few times: a second one changes nothing. */
    readonly updateModal: (id: string, modal: Modal) => Effect.Effect<void, SlackUnavailable>
    /** The users in a user group. */
    readonly members: (group: string) => Effect.Effect<ReadonlyArray<string>, SlackUnavailable>
    /** Sends a file: to one person, or below a message. Never repeated. */
    readonly upload: (to: string | Place, file: TextFile) => Effect.Effect<void, SlackUnavailable>
  }
>() {}
