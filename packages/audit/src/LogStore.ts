import type { AccountId } from "@keysweep/core/Account"
import { Context, type Effect, Schema, type Scope, type Stream } from "effect"
import type { AuditEvent } from "./Event.ts"
import type { Signer } from "./Head.ts"
import type { Tip } from "./LogRecord.ts"
import type { RunId } from "./RunId.ts"

/** A record cannot be made durable, or the log cannot be read. Nothing that needs a record may go on. */
export class LogUnavailable extends Schema.TaggedError<LogUnavailable>()("LogUnavailable", {
  /** Safe text: what happened, and what to do. */
  detail: Schema.String
}) {
  override get message(): string {
    return `The log is not available: ${this.detail}`
  }
}

/** What a store finds at the end of a log, while it holds the append lock. */
export interface StoredTip {
  readonly tip: Tip
  /** Text of the signed head; `null`: there is none. */
  readonly head: string | null
  /** Told by the store about itself, to be recorded before anything else: lines that it set aside. */
  readonly notes: ReadonlyArray<AuditEvent>
}

export interface Addition {
  /** Complete records without line breaks, at least one. */
  readonly lines: ReadonlyArray<string>
  /** The place of the last of them. */
  readonly tip: Tip
  /** Signs the head over the last of them; its text. Takes a moment, which a store can use while it writes the lines. */
  readonly head: () => string
}

/** One account's log as a store keeps it. */
export interface StoredLog {
  /**
   * Takes the account's append lock, shows the end of the log, and makes what is added durable, lines before head,
   * before it returns. A database does it in one transaction; files may leave the head behind by one addition.
   */
  readonly append: (
    add: (found: StoredTip) => Effect.Effect<Addition, LogUnavailable>
  ) => Effect.Effect<void, LogUnavailable>
  /** Every complete line in order, from at or before the given `seq`; then what follows the last line break, if anything. */
  readonly lines: (from: number) => Stream.Stream<StoredLine, LogUnavailable>
  readonly head: Effect.Effect<string | null, LogUnavailable>
  /**
   * The number of the lease that this process holds on the account for this run; `null` without one. Fails when the
   * lease was ended by somebody else: its run may write no more.
   */
  readonly fence: (run: RunId) => Effect.Effect<number | null, LogUnavailable>
}

export interface StoredLine {
  readonly text: string
  /** The end of the log without a line break: a write that was not finished. */
  readonly torn: boolean
}

/**
 * Where logs are kept and who signs them. One layer per kind of store: files here, a database elsewhere.
 *
 * A store promises: one appender at a time per account over all processes, no line acknowledged before it is durable,
 * a dead appender replaced at once, nothing ever rewritten.
 */
export class LogStore extends Context.Tag("@keysweep/audit/LogStore")<
  LogStore,
  {
    /** Made on first use, so that reading makes nothing. */
    readonly signer: Effect.Effect<Signer, LogUnavailable>
    readonly open: (account: AccountId) => Effect.Effect<StoredLog, LogUnavailable, Scope.Scope>
  }
>() {}
