import type { Action, LeftKey, Outcome } from "./Documents.ts"
import type { ReplaceAction } from "./ReplaceDocuments.ts"

/** How one run ended, key by key. */
export interface ReceiptDocument {
  readonly schema: "keysweep.receipt/1"
  readonly run: string
  /** Hash of the plan. */
  readonly plan: string
  readonly account: string
  readonly action: Action
  /** `done`: every planned key is as wanted, proven by a fresh reading. Anything else: look at `keys` and `stopped`. */
  readonly outcome: Outcome
  /** Why the run ended before its last key; `null` when it did not. */
  readonly stopped: string | null
  readonly keys: ReadonlyArray<{
    readonly id: string
    readonly name: string
    readonly outcome: "done" | "already-gone" | "skipped" | "blocked" | "failed" | "unverified"
    readonly detail: string
  }>
  readonly skipped: ReadonlyArray<LeftKey>
  readonly creditExpected: number
  readonly creditObserved: number | null
  /** Keys that this run has disabled and that are to be deleted, and when. */
  readonly soaks: ReadonlyArray<{ readonly id: string; readonly until: string }>
  readonly backup: string
  /** `seq:hash` of the log's newest record. Keep it elsewhere: it finds a log that was put back to an older state. */
  readonly anchor: string | null
  readonly startedAt: string
  readonly finishedAt: string
}

/** What soaks on the account: disabled keys that are to be deleted. */
export interface SoakingDocument {
  readonly keys: ReadonlyArray<{
    readonly id: string
    readonly name: string
    /** The run that disabled it. */
    readonly run: string
    readonly since: string
    readonly until: string
    /** Who was seen to miss it: it is not deleted by itself any more. */
    readonly alarm: string | null
  }>
  /** When the next soak ends. */
  readonly next: string | null
}

/** What was due, what came of it, and what the watch over soaking keys has seen. */
export interface DueDocument {
  readonly schema: "keysweep.due/1"
  readonly account: string
  readonly at: string
  readonly outcome: Outcome
  readonly receipts: ReadonlyArray<ReceiptDocument>
  readonly alarms: ReadonlyArray<{
    readonly id: string
    readonly name: string
    readonly run: string
    readonly why: string
  }>
  readonly ended: ReadonlyArray<{
    readonly id: string
    readonly name: string
    readonly run: string
    readonly how: string
  }>
  /** Due and not done; it is tried again the next time. */
  readonly waiting: ReadonlyArray<{
    readonly run: string
    readonly outcome: Outcome
    readonly why: string
    readonly lift: ReadonlyArray<string>
  }>
  readonly soaking: SoakingDocument
}

export type ProgressEvent =
  | { readonly _tag: "Phase"; readonly phase: "reading" | "backing up" | "acting" | "proving" }
  | {
      readonly _tag: "Started"
      readonly action: Action | ReplaceAction
      readonly total: number
      readonly estimateMillis: number
      /** In the order in which their turn comes; none where one request is for all of them. */
      readonly keys: ReadonlyArray<{ readonly id: string; readonly name: string }>
      /** So many are worked on at once. */
      readonly atOnce: number
    }
  /** rotate, recreate: what is done for an old key now; that its new one is made is told as the key's end. */
  | {
      readonly _tag: "Step"
      readonly id: string
      readonly name: string
      readonly step: "creating" | "delivering" | "validating" | "disabling" | "disabled" | "left"
    }
  | {
      readonly _tag: "Key"
      readonly id: string
      readonly name: string
      readonly detail: string
      readonly count: number
      readonly total: number
      readonly leftMillis: number
    }
  | { readonly _tag: "Waiting"; readonly reason: "window" | "cooldown" | "overlap"; readonly millis: number }
