/**
 * What goes in and comes out, as plain JSON: the same documents from every surface. Times are RFC 3339 UTC, money is in
 * credits, and nothing holds a secret. Names of keys are foreign text: escape them where you show them.
 */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [field: string]: Json }

/** `release` gives back what a `contain` took; only an undo does it. */
export type Action = "disable" | "enable" | "contain" | "release" | "delete" | "delete-all"

/** The window in which a key may spend its allocation. The upstream does not show it. */
export type LimitType = "daily" | "weekly" | "monthly"

export type KeyState = "active" | "disabled" | "expired" | "exhausted"

/** How anything ends: the same list on every surface. */
export type Outcome =
  | "done"
  | "nothing"
  | "partial"
  | "failed"
  | "unverified"
  | "refused"
  | "blocked"
  | "stale"
  | "credentials"
  | "limit"
  | "records"
  | "findings"
  | "interrupted"

export interface InventoryDocument {
  readonly schema: "keysweep.inventory/1"
  readonly account: string
  readonly at: string
  /** Some records could not be read: only keys that are named one by one can be planned. */
  readonly partial: boolean
  readonly unreadable: ReadonlyArray<{ readonly position: number; readonly problem: string }>
  readonly keys: ReadonlyArray<InventoryKey>
  readonly totals: {
    readonly keys: number
    readonly active: number
    readonly allocated: number
    readonly used: number
    readonly remaining: number
  }
}

export interface InventoryKey {
  readonly id: string
  readonly name: string
  readonly state: KeyState
  /** `expired`, `never-used`, `any-model` and the like; versions to come know more. */
  readonly findings: ReadonlyArray<string>
  readonly allocated: number
  readonly used: number
  readonly remaining: number
  readonly createdAt: string | null
  readonly lastUsedAt: string | null
  readonly expiresAt: string | null
  readonly models: ReadonlyArray<string>
  readonly addresses: ReadonlyArray<string>
}

/** A saved contract: exactly these keys, with exactly these settings, once. Keep it as JSON; a changed one is refused. */
export interface PlanDocument {
  readonly schema: "keysweep.plan/1"
  /** Over the whole document: what is confirmed and used up. */
  readonly hash: string
  /** Over account, action, keys with their settings and what they become, skips and refusals: the same from every surface. */
  readonly digest: string
  readonly account: string
  readonly action: Action
  readonly method: "each" | "bulk"
  readonly reason: string | null
  /** The run that this takes back. */
  readonly undoes: string | null
  /** Disabled keys that are deleted once they have soaked for so long; empty: nothing is deleted afterwards. */
  readonly thenDelete: ReadonlyArray<{ readonly soakSeconds: number; readonly keys: ReadonlyArray<string> }>
  readonly keys: ReadonlyArray<PlannedKey>
  readonly skipped: ReadonlyArray<LeftKey>
  /** Keys that were asked for and cannot be done: a run leaves them out, and is then done in part. */
  readonly refused: ReadonlyArray<LeftKey>
  /** What is known of each key's use beside its last use. `unknown`: nobody has looked. */
  readonly evidence: ReadonlyArray<{
    readonly id: string
    readonly owner: string | null
    readonly spentSince: { readonly since: string; readonly credits: number } | null
    /** Places where the key is written down, by tree; in a tree without places it was looked for in vain. */
    readonly stored:
      | "unknown"
      | ReadonlyArray<{
          readonly tree: string
          readonly at: string
          readonly count: number
          readonly places: ReadonlyArray<string>
        }>
  }>
  readonly gate: ReadonlyArray<{
    readonly check: string
    readonly result: "pass" | "warn" | "block"
    readonly detail: string
    readonly lift: string | null
  }>
  /** Checks that block and were lifted for this plan, with its reason. */
  readonly overridden: ReadonlyArray<string>
  /** The settings let this happen without confirmation and approval. */
  readonly automatic: boolean
  readonly checklist: ReadonlyArray<{
    readonly step: string
    readonly status: "done" | "unknown" | "not done"
    readonly detail: string
  }>
  readonly requests: number
  readonly estimateSeconds: number
  readonly creditExpected: number
  readonly createdAt: string
  readonly expiresAt: string
  readonly settings: { readonly file: string; readonly digest: string } | null
  /** The workflow that made it; absent: none did. */
  readonly origin?: { readonly repository: string; readonly ref: string } | undefined
  readonly nonce: string
}

export interface PlannedKey {
  readonly id: string
  readonly name: string
  readonly state: KeyState
  readonly prior: string
  readonly settings: {
    readonly active: boolean
    readonly expiresAt: string | null
    readonly allocated: number
    readonly models: ReadonlyArray<string>
    readonly addresses: ReadonlyArray<string>
  }
  /** The settings that the key is to have; `null`: the action changes none. */
  readonly becomes: {
    readonly expiresAt: string | null
    readonly allocated: number
    readonly models: ReadonlyArray<string>
    readonly addresses: ReadonlyArray<string>
    readonly limitType: LimitType
  } | null
  readonly remaining: number
  readonly lastUsedAt: string | null
}

export interface LeftKey {
  readonly id: string
  readonly name: string
  readonly reason: string
}

/** The keys that a selector asks for, and those that it leaves, each with the reason. */
export interface SelectionDocument {
  readonly account: string
  readonly selected: ReadonlyArray<LeftKey>
  readonly left: ReadonlyArray<LeftKey>
}

/** Whose approvals of a plan count so far. */
export interface ApprovalDocument {
  readonly required: number
  readonly given: ReadonlyArray<string>
}

/** One way to zero active keys, and its time under this account's limit. Its phrase chooses and confirms it. */
export interface PanicChoice {
  readonly way: "disable" | "delete"
  readonly account: string
  /** Riskiest first. */
  readonly keys: ReadonlyArray<{ readonly id: string; readonly name: string }>
  readonly skipped: ReadonlyArray<LeftKey>
  readonly method: "each" | "bulk"
  /** `null`: of just now; else when the inventory was read that this goes by. */
  readonly asOf: string | null
  readonly requests: number
  readonly seconds: number
  readonly phrase: string
}

/** What lies beside an encrypted backup in the clear: ids and counts, no setting and no name of a key. */
export interface BackupDocument {
  readonly schema: "keysweep.backup-manifest/1"
  readonly id: string
  readonly account: string
  readonly run: string
  /** When the keys were read. */
  readonly at: string
  readonly takenAt: string
  readonly keys: ReadonlyArray<string>
  readonly bytes: number
  /** Of the encrypted file. */
  readonly sha256: string
  readonly recipients: ReadonlyArray<string>
  /** Whether it was decrypted and compared when it was taken, or could only be read back. */
  readonly checked: "opened" | "read back"
}

export interface LogRecordDocument {
  readonly seq: number
  readonly at: string
  readonly account: string
  readonly run: string | null
  readonly fence: number | null
  readonly actor: { readonly name: string; readonly authenticated: boolean }
  /** `cli`, `action`, `slack`, `library`. */
  readonly surface: string
  readonly event: { readonly _tag: string; readonly [field: string]: Json }
  readonly prev: string
  readonly hash: string
}

export type LogVerification =
  | {
      readonly ok: true
      readonly records: number
      /** `seq:hash` of the last record, `null` for an empty log. */
      readonly anchor: string | null
      readonly signer: string | null
    }
  | {
      readonly ok: false
      /** The first place where the log is not what was written. */
      readonly seq: number
      readonly problem: string
      readonly detail: string
    }
