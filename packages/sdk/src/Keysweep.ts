import type {
  ApprovalDocument,
  BackupDocument,
  InventoryDocument,
  LogRecordDocument,
  LogVerification,
  PlanDocument,
  SelectionDocument
} from "./Documents.ts"
import type { ReplacementPlanDocument, ReplacementReceiptDocument } from "./ReplaceDocuments.ts"
import type { DueDocument, ReceiptDocument, SoakingDocument } from "./RunDocuments.ts"
import { type Engine, openEngine } from "./Engine.ts"
import { followed } from "./Running.ts"
import type {
  AnyPlanDocument,
  AnyReceiptDocument,
  ApplyOptions,
  ApproveOptions,
  CallOptions,
  HoldTarget,
  KeySelector,
  KeysweepOptions,
  PanicOptions,
  Planned,
  PlanRequest,
  RecreateRequest,
  ReplacementPlanned,
  ResumeOptions,
  RotateRequest,
  Running,
  RunOptions,
  UndoOptions
} from "./Requests.ts"

export type * from "./Documents.ts"
export type * from "./RunDocuments.ts"
export type * from "./ReplaceDocuments.ts"
export type * from "./Requests.ts"
export { type ErrorCode, KeysweepError } from "./KeysweepError.ts"

/**
 * One Electron Hub account and the procedure of taking its proxy keys out of service. Every call rejects with a
 * `KeysweepError` and with nothing else.
 */
export class Keysweep {
  readonly #engine: Engine

  private constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Checks the options and reads the settings; sends nothing. */
  static open(options: KeysweepOptions): Promise<Keysweep> {
    return openEngine(options).then((engine) => new Keysweep(engine))
  }

  /** Reads every key. Changes nothing. */
  inventory(options: CallOptions = {}): Promise<InventoryDocument> {
    return this.#engine.inventory(options)
  }

  /** Which keys a selector asks for, each with the reason. Changes nothing. */
  select(selector: KeySelector, options: CallOptions = {}): Promise<SelectionDocument> {
    return this.#engine.select(selector, options)
  }

  /** Reads every key and says what would be done. Changes nothing. Keep the plan as JSON, show it, have it confirmed. */
  plan(request: PlanRequest, options: CallOptions = {}): Promise<Planned> {
    return this.#engine.plan(request, options)
  }

  /**
   * What would give keys new values, as a plan: new keys, their values in every sink, and only then the end of the old
   * ones. Changes nothing.
   */
  rotate(request: RotateRequest, options: CallOptions = {}): Promise<ReplacementPlanned> {
    return this.#engine.rotate(request, options)
  }

  /** What would make deleted keys again under new values, from the log or a backup, as a plan. Changes nothing. */
  recreate(request: RecreateRequest, options: CallOptions = {}): Promise<ReplacementPlanned> {
    return this.#engine.recreate(request, options)
  }

  /**
   * Carries out a plan, once, on a fresh reading: backs up, acts within the rate limit, proves. Resolves as soon as
   * something may have been written, whatever came of it: look at the receipt's `outcome`.
   */
  apply(plan: PlanDocument, options: ApplyOptions): Promise<ReceiptDocument>
  apply(plan: ReplacementPlanDocument, options: ApplyOptions): Promise<ReplacementReceiptDocument>
  apply(plan: AnyPlanDocument, options: ApplyOptions): Promise<AnyReceiptDocument>
  apply(plan: AnyPlanDocument, options: ApplyOptions): Promise<AnyReceiptDocument> {
    return this.#engine.apply(plan, options)
  }

  /** Finishes a run that was interrupted: settles by reading what was sent, and does the rest. */
  resume(options: ResumeOptions = {}): Promise<AnyReceiptDocument> {
    return this.#engine.resume(options)
  }

  /**
   * The same as {@link apply}, followed step by step: `for await (const event of keysweep.start(plan, { confirm }))`, then
   * `await running.receipt`.
   */
  start(plan: PlanDocument, options: ApplyOptions): Running
  start(plan: ReplacementPlanDocument, options: ApplyOptions): Running<ReplacementReceiptDocument>
  start(plan: AnyPlanDocument, options: ApplyOptions): Running<AnyReceiptDocument>
  start(plan: AnyPlanDocument, options: ApplyOptions): Running<AnyReceiptDocument> {
    return followed((onProgress) => this.#engine.apply(plan, { ...options, onProgress }), options.onProgress)
  }

  /** What would take a run back, as a plan: only what that run did, and only where nobody has changed it since. */
  undo(run: string, options: UndoOptions): Promise<Planned> {
    return this.#engine.undo(run, options)
  }

  /**
   * The fastest way to zero active keys: `choose` shows both ways, and its phrase chooses and confirms one. It waits for no
   * other run. Open the instance with `reserve: 0` for it.
   */
  panic(options: PanicOptions): Promise<ReceiptDocument> {
    return this.#engine.panic(options)
  }

  /** Whose approvals of a plan count so far. Without a request. */
  approvals(plan: AnyPlanDocument): Promise<ApprovalDocument> {
    return this.#engine.approvals(plan)
  }

  /** Whoever this instance acts for (`actor`) approves somebody else's plan. A refused approval is recorded. */
  approve(plan: AnyPlanDocument, options: ApproveOptions): Promise<ApprovalDocument> {
    return this.#engine.approve(plan, options)
  }

  /** Objects: nothing held is run until the hold is lifted, and a run under way hears it before its next write. */
  hold(target: HoldTarget, why: string): Promise<void> {
    return this.#engine.hold(target, why)
  }

  liftHold(target: HoldTarget, why: string): Promise<void> {
    return this.#engine.liftHold(target, why)
  }

  /** What soaks, until when. Without a request. */
  soaking(): Promise<SoakingDocument> {
    return this.#engine.soaking()
  }

  /** Watches the soaking keys, and deletes those whose time has come. Safe to call as often as you like. */
  runDue(options: RunOptions = {}): Promise<DueDocument> {
    return this.#engine.runDue(options)
  }

  /** Reads every key and backs the settings up, apart from any run. */
  backup(options: CallOptions = {}): Promise<BackupDocument> {
    return this.#engine.backup(options)
  }

  /** The account's backups, oldest first. Without a request. */
  backups(): Promise<ReadonlyArray<BackupDocument>> {
    return this.#engine.backups()
  }

  /** The account's log, oldest record first. Without a request. */
  log(): Promise<ReadonlyArray<LogRecordDocument>> {
    return this.#engine.log()
  }

  /** Whether the log is what was written. `anchor`: one that was given out earlier and kept elsewhere. */
  verifyLog(anchor?: string): Promise<LogVerification> {
    return this.#engine.verifyLog(anchor)
  }

  /** Interrupts what is going on, waits until it has ended, and lets everything go. Safe to repeat. */
  close(): Promise<void> {
    return this.#engine.close()
  }
}
