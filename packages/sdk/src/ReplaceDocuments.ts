import type { LeftKey, LimitType, Outcome, PlanDocument } from "./Documents.ts"

/** New keys in place of those that are gone, or of those that are then taken out of service. */
export type ReplaceAction = "recreate" | "rotate"

/** A saved contract: new keys in place of exactly these, their values to exactly these places, once. */
export interface ReplacementPlanDocument {
  readonly schema: "keysweep.replacement-plan/1"
  /** Over the whole document: what is confirmed and used up. */
  readonly hash: string
  /** Over account, action, keys with their settings, values and skips: the same from every surface. */
  readonly digest: string
  readonly account: string
  readonly action: ReplaceAction
  readonly reason: string | null
  readonly values: {
    readonly notice: "new values; every application must be updated"
    /** The places of the new values, in this order. */
    readonly sinks: ReadonlyArray<string>
    readonly credit: "remaining" | "original"
    /** `null`: the upstream's own, which is `daily`. */
    readonly limitType: LimitType | null
    /** rotate: how long old and new keys both work. */
    readonly waitSeconds: number
    /** rotate: how long the old keys stay disabled before they may be deleted. */
    readonly soakSeconds: number
    /** What the new keys are given to spend, in all. */
    readonly needs: number
    /** What the old keys have and the new ones cannot be given, one sentence each. */
    readonly lost: ReadonlyArray<string>
  }
  /** The old keys, whose settings the new ones get. */
  readonly keys: ReadonlyArray<{
    readonly id: string
    readonly name: string
    readonly active: boolean
    readonly expiresAt: string | null
    readonly allocated: number
    readonly used: number
    readonly models: ReadonlyArray<string>
    readonly addresses: ReadonlyArray<string>
    readonly createdAt: string | null
    readonly lastUsedAt: string | null
    /** Fields of the upstream that this version does not know. */
    readonly other: { readonly [field: string]: unknown }
  }>
  readonly skipped: ReadonlyArray<LeftKey>
  readonly gate: PlanDocument["gate"]
  /** Checks that block and were lifted for this plan, with its reason. */
  readonly overridden: ReadonlyArray<string>
  readonly requests: number
  /** Without the time in which both keys work. */
  readonly estimateSeconds: number
  readonly createdAt: string
  readonly expiresAt: string
  readonly settings: PlanDocument["settings"]
  readonly origin?: PlanDocument["origin"]
  readonly nonce: string
}

/** What a run that makes keys did, proven or not. Values are named by their key's id and their sinks. */
export interface ReplacementReceiptDocument {
  readonly schema: "keysweep.replacement/1"
  readonly run: string
  /** Hash of the plan. */
  readonly plan: string
  readonly account: string
  readonly action: ReplaceAction
  readonly outcome: Outcome
  /** Why the run ended before its last key; `null` when it did not. */
  readonly stopped: string | null
  readonly keys: ReadonlyArray<{
    readonly id: string
    readonly name: string
    /** The new key, as soon as there is one: also where the rest failed. */
    readonly replacement: string | null
    /** The sinks that have its value, each with how that is known. */
    readonly delivered: ReadonlyArray<string>
    readonly outcome: "done" | "already-gone" | "skipped" | "blocked" | "failed" | "unverified"
    readonly detail: string
  }>
  readonly skipped: ReadonlyArray<LeftKey>
  /** rotate: from this moment `runDue` deletes the old keys; until then they are only disabled. */
  readonly deletesAt: string | null
  readonly backup: string
  /** `seq:hash` of the log's newest record. */
  readonly anchor: string | null
  readonly startedAt: string
  readonly finishedAt: string
}
