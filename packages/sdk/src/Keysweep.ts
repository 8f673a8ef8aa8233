import type {
  BackupDocument,
  InventoryDocument,
  LogRecordDocument,
  LogVerification,
  PlanDocument,
  ReceiptDocument
} from "./Documents.ts"
import { type Engine, openEngine } from "./Engine.ts"
import type { ApplyOptions, CallOptions, KeysweepOptions, Planned, PlanRequest, ResumeOptions } from "./Requests.ts"

export type * from "./Documents.ts"
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

  /** Reads every key and says what would be done. Changes nothing. Keep the plan as JSON, show it, have it confirmed. */
  plan(request: PlanRequest, options: CallOptions = {}): Promise<Planned> {
    return this.#engine.plan(request, options)
  }

  /**
   * Carries out a plan, once, on a fresh reading: backs up, acts within the rate limit, proves. Resolves as soon as
   * something may have been written, whatever came of it: look at the receipt's `outcome`.
   */
  apply(plan: PlanDocument, options: ApplyOptions): Promise<ReceiptDocument> {
    return this.#engine.apply(plan, options)
  }

  /** Finishes a run that was interrupted: settles by reading what was sent, and does the rest. */
  resume(options: ResumeOptions = {}): Promise<ReceiptDocument> {
    return this.#engine.resume(options)
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
