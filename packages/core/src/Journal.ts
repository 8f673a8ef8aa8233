import { Context, type Effect, type Exit, Schema } from "effect"
import { NewKey } from "./KeySettings.ts"
import { KeyId } from "./ProxyKey.ts"

/** What is about to be sent, in words that hold no secret. Durable before the request leaves. */
export const CallIntent = Schema.Struct({
  call: Schema.Literal("create", "update", "toggle", "remove", "delete-all", "regenerate"),
  /** Absent for calls that name no key. create: the key that the new one replaces, if any. */
  key: Schema.optional(KeyId),
  /** `toggle`: the state that the call is to reach. */
  wantActive: Schema.optional(Schema.Boolean),
  /** delete-all: every key that is about to go. create: every key that was there before. */
  keys: Schema.optional(Schema.Array(KeyId)),
  /** create: what the new key is made with. */
  made: Schema.optional(NewKey)
})
export type CallIntent = typeof CallIntent.Type

/**
 * How one request ended. `unknown`: the reply was lost or made no sense; only a later reading can settle it. `undone`:
 * such a reading showed that it had no effect.
 */
export const CallOutcome = Schema.Struct({
  result: Schema.Literal("done", "gone", "refused", "unknown", "undone"),
  /** Safe text. */
  detail: Schema.optional(Schema.String),
  /** `toggle`: the state that the upstream returned. */
  active: Schema.optional(Schema.Boolean),
  /** `create`: the key that was made. */
  key: Schema.optional(KeyId)
})
export type CallOutcome = typeof CallOutcome.Type

/** The record of writes cannot be made durable: nothing was sent, or what was sent could not be recorded. */
export class JournalUnavailable extends Schema.TaggedError<JournalUnavailable>()("JournalUnavailable", {
  /** Safe text: what is wrong and what would cure it. */
  detail: Schema.String,
  /** Whether the request had already been sent when the record failed. */
  sent: Schema.Boolean
}) {
  override get message(): string {
    return `The log cannot be written${this.sent ? " (after the request was sent)" : "; nothing was sent"}: ${this.detail}`
  }
}

/** Somebody's hold or panic was heard before this call: nothing was sent. */
export class RunStopped extends Schema.TaggedError<RunStopped>()("RunStopped", {
  by: Schema.Literal("hold", "panic"),
  /** `call`: what is held is the one key of this call, and the others may go on. */
  stops: Schema.Literal("call", "run"),
  detail: Schema.String
}) {
  override get message(): string {
    return `Stopped before the next call: ${this.detail}`
  }
}

export type JournalError = JournalUnavailable | RunStopped

/**
 * The only door to a write. `@keysweep/audit` fills it in with the log; no write service can be built without it.
 *
 * `attempt` makes the intent durable, runs the call once, makes its outcome durable, and gives back the call's own
 * result. It cannot be interrupted between intent and outcome.
 */
export class Journal extends Context.Tag("@keysweep/core/Journal")<
  Journal,
  {
    readonly attempt: <A, E>(
      intent: CallIntent,
      call: Effect.Effect<A, E>,
      outcome: (exit: Exit.Exit<A, E>) => CallOutcome
    ) => Effect.Effect<A, E | JournalError>
  }
>() {}
