import type { Action, KeyState, LeftKey, LimitType, PanicChoice, PlanDocument } from "./Documents.ts"
import type { ReplacementPlanDocument, ReplacementReceiptDocument } from "./ReplaceDocuments.ts"
import type { ProgressEvent, ReceiptDocument } from "./RunDocuments.ts"

export interface KeysweepOptions {
  /** The account's master key (`ek-…`, not `ek-proxy-` and not `ek-dev-`). It is never printed, logged or stored. */
  readonly apiKey: string
  /** `https://api.electronhub.ai/v1` by default; https, or http on loopback. */
  readonly baseUrl?: string | undefined
  /**
   * The folder of log, backups and the pacer's state: `KEYSWEEP_HOME`, else the state folder of the operating system.
   * Every program that works on an account should use the same: that is what keeps them within its rate limit together.
   */
  readonly home?: string | undefined
  /** A settings file; else `keysweep.yaml` in the home folder, if there is one. */
  readonly settings?: string | undefined
  /** Divides the upstream's times. Only with a base URL on loopback. */
  readonly timeScale?: number | undefined
  /** Requests per minute that are left for other users of the account; 1 by default. 0 for a panic. */
  readonly reserve?: number | undefined
  /**
   * Who acts, as your program has identified them: `slack:U024BE7LH` or `github:ada`, as the settings name people. The log
   * says so, and their approvals count. Without it: the user of the operating system, whom nobody has checked.
   */
  readonly actor?: string | undefined
}

/** Which keys. Values of one field are alternatives; different fields narrow one another. Nothing selects nothing. */
export interface KeySelector {
  /** Ids, beginnings of ids, or whole names; each must exist and be one key. */
  readonly keys?: ReadonlyArray<string> | undefined
  /** Glob patterns over whole names. */
  readonly names?: ReadonlyArray<string> | undefined
  /** Glob patterns over owners, as the settings name them. A key without a known owner matches none. */
  readonly owners?: ReadonlyArray<string> | undefined
  readonly states?: ReadonlyArray<KeyState> | undefined
  readonly expired?: boolean | undefined
  /** The upstream shows no use. */
  readonly unused?: boolean | undefined
  /** Every model, from every address. */
  readonly unrestricted?: boolean | undefined
  /** Not used for so long: `90s`, `45m`, `12h`, `30d`, `2w`. A key that was never used counts from its making. */
  readonly idle?: string | undefined
  /** Made so long ago: `30d`. */
  readonly olderThan?: string | undefined
  /** Has spent less than so many credits. */
  readonly spentBelow?: number | undefined
  /** A CEL expression: `docs/selection.md` names what it may say. */
  readonly where?: string | undefined
  /** Every key; stands alone. */
  readonly all?: boolean | undefined
}

/** What keys are narrowed to; at least one of the first four. What is left out stays as it is. */
export interface Narrowing {
  /** IP addresses or CIDR ranges. */
  readonly addresses?: ReadonlyArray<string> | undefined
  readonly models?: ReadonlyArray<string> | undefined
  /** RFC 3339, ahead of now; in whole seconds. */
  readonly expiresAt?: string | undefined
  /** Credits. */
  readonly allocated?: number | undefined
  /** What the keys have now: an update replaces it too, and the upstream does not show it. */
  readonly limitType?: LimitType | undefined
}

export interface PlanRequest {
  readonly action: Exclude<Action, "release">
  /** For `contain`. Only narrower settings are taken; a key that would get wider ones is refused, with the reason. */
  readonly narrow?: Narrowing | undefined
  /** Left out for `delete-all`, which names its target itself. */
  readonly selector?: KeySelector | undefined
  /** Why; it goes into the log. */
  readonly reason: string
  /** Lifts every blocking check that the settings allow to be lifted; recorded with the reason. */
  readonly override?: boolean | undefined
}

/** `plan` is `null` when there is nothing to do; `detail` then says why. `left`: the keys that were not selected. */
export type Planned =
  | { readonly plan: PlanDocument; readonly detail: null; readonly left: ReadonlyArray<LeftKey> }
  | { readonly plan: null; readonly detail: string; readonly left: ReadonlyArray<LeftKey> }

/** What new keys get, and where their values go. */
export interface ReplacementRequest {
  readonly selector: KeySelector
  /** Why; it goes into the log. */
  readonly reason: string
  /** Lifts every blocking check that the settings allow to be lifted; recorded with the reason. */
  readonly override?: boolean | undefined
  /**
   * `dotenv:FILE#VARIABLE`, `github:OWNER/REPO#SECRET`, `age:FILE#RECIPIENT,…` or `command:["PROGRAM","ARGUMENT"]`.
   * `{NAME}` stands for the key's name in capitals. A new value goes there and nowhere else.
   */
  readonly sinks: ReadonlyArray<string>
  /** What a new key may spend: what the old one has left (the default), or what it was given once. */
  readonly credit?: "remaining" | "original" | undefined
  /** What the old keys had: a create cannot set it, and the upstream does not show it. `daily` without it. */
  readonly limitType?: LimitType | undefined
}

export interface RotateRequest extends ReplacementRequest {
  /** How long old and new keys both work: `10m`. Not at all without it. */
  readonly wait?: string | undefined
  /** How long the old keys stay disabled before they may be deleted: `7d`, or what the settings ask for, without it. */
  readonly soak?: string | undefined
}

export interface RecreateRequest extends ReplacementRequest {
  /** A backup's id (`bk_…`), or `log`: what the log keeps of every deleted key. `log` without it. */
  readonly from?: string | undefined
  /** The age identity that opens the backup (`AGE-SECRET-KEY-…`); that of the home folder without it. It is not kept. */
  readonly identity?: string | undefined
}

/** `plan` is `null` when there is nothing to do; `detail` then says why. */
export type ReplacementPlanned =
  | { readonly plan: ReplacementPlanDocument; readonly detail: null }
  | { readonly plan: null; readonly detail: string }

/** `schema` tells the two kinds apart. */
export type AnyPlanDocument = PlanDocument | ReplacementPlanDocument
export type AnyReceiptDocument = ReceiptDocument | ReplacementReceiptDocument

export interface CallOptions {
  /** Ends the call: it may wait for a free slot of the rate limit. A write that has been sent is still settled. */
  readonly signal?: AbortSignal | undefined
}

export interface RunOptions extends CallOptions {
  /** Called as the run goes on. What it throws is ignored; what it awaits is not waited for. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined
}

export interface ApplyOptions extends RunOptions {
  /** The hash of exactly this plan: the yes of whoever read it. */
  readonly confirm: string
}

export interface ResumeOptions extends RunOptions {
  /** Which run (`run_…`); the newest one that has not ended, by default. */
  readonly run?: string | undefined
}

/** A key, a plan by its hash, or (with neither) the whole account. */
export interface HoldTarget {
  /** `kf_…` */
  readonly key?: string | undefined
  readonly plan?: string | undefined
}

export interface ApproveOptions {
  /** Whose plan it is, as `KeysweepOptions.actor`: nobody approves their own. */
  readonly requester: string
}

export interface UndoOptions extends CallOptions {
  /** Why; it goes into the log. */
  readonly reason: string
}

export interface PanicOptions extends RunOptions {
  readonly reason: string
  /**
   * Shows both ways and gives back the phrase of the one that a person chose, or `null` for neither. Asked three times at
   * most.
   */
  readonly choose: (choices: ReadonlyArray<PanicChoice>) => string | null | PromiseLike<string | null>
  /** The log could not be written, and the panic goes on: its records are in `file`, which must be kept. */
  readonly onTrouble: (file: string, detail: string) => void
}

/** A run that is under way: iterate over it for its progress, await its receipt. Leaving the loop ends nothing. */
export interface Running<Receipt = ReceiptDocument> extends AsyncIterable<ProgressEvent> {
  readonly receipt: Promise<Receipt>
}
