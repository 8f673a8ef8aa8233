import { type Actor, Operator } from "@keysweep/audit/Actor"
import { type BackupManifest, Backups } from "@keysweep/audit/Backup"
import type { BackupStore } from "@keysweep/audit/BackupStore"
import { type AuditEvent, Held, HoldLifted } from "@keysweep/audit/Event"
import { Leases } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogStore } from "@keysweep/audit/LogStore"
import type { Seal } from "@keysweep/audit/Seal"
import { makeRunId, type RunId } from "@keysweep/audit/RunId"
import { Account, type AccountId } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { AccountReader } from "@keysweep/core/AccountReader"
import { KeyReader } from "@keysweep/core/KeyReader"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { Pacer } from "@keysweep/core/Pacer"
import { Transport } from "@keysweep/core/Transport"
import { Context, DateTime, Effect, Either, Layer, Option } from "effect"
import { type Approvable, type ApprovalState, approvalsOf, approve } from "./Approval.ts"
import { confirm, Confirmation, type Confirmed, confirmedAutomatically } from "./Confirmation.ts"
import { runDue } from "./Due.ts"
import { type DueReport, type Soaking, soakingOf } from "./DueReport.ts"
import { untilWanted, watchDue } from "./DueWatch.ts"
import { type Evidence, evidenceOf } from "./Evidence.ts"
import { type Inventory, inventoryOf, read, type Reading } from "./Inventory.ts"
import { type TakenIn, takeIn } from "./leak/LeakIntake.ts"
import { viewOf } from "./Permission.ts"
import { InventoryMemory } from "./InventoryMemory.ts"
import { makePlan, type Plan, type Planning, type PlanRequest } from "./Plan.ts"
import { planFacts } from "./PlanFacts.ts"
import { panic, type PanicOptions } from "./PanicRun.ts"
import { GateBlocked, InventoryPartial, PlanStale } from "./PlanError.ts"
import type { Notices } from "./Notice.ts"
import { type Progress, tellWaits } from "./Progress.ts"
import { checkReason } from "./Reason.ts"
import type { Receipt } from "./Receipt.ts"
import { type Reminder, remind, soakRemindersFor } from "./Reminder.ts"
import { resume } from "./Resume.ts"
import { backUp, run } from "./Run.ts"
import { ScanMemory, storedIn } from "./scan/ScanMemory.ts"
import { select } from "./Selection.ts"
import { ownersIn, Settings } from "./Settings.ts"
import { undoOf } from "./Undo.ts"
import type { SweepError } from "./SweepError.ts"

/** What came of a request that was planned, confirmed and carried out in one go. */
export type Carried =
  | { readonly _tag: "Nothing"; readonly detail: string }
  | { readonly _tag: "Receipt"; readonly plan: Plan; readonly receipt: Receipt }

/**
 * The procedure as every surface calls it, for one account. Every error means that nothing was changed.
 */
export class Sweep extends Context.Tag("@keysweep/revocation/Sweep")<
  Sweep,
  {
    /** Reads every key. Writes nothing, anywhere upstream. */
    readonly inventory: Effect.Effect<Inventory, SweepError>
    /** All evidence of one key's use: one reading, and one of the account's request log where that can be read. */
    readonly show: (literal: string) => Effect.Effect<Evidence, SweepError>
    /** Reads, and says what would be done. Changes nothing; a report of leaked keys goes on record. */
    readonly plan: (request: PlanRequest) => Effect.Effect<Planning, SweepError>
    /** Carries out a saved plan, once, on a fresh reading. */
    readonly apply: (plan: Plan, confirmed: Confirmed) => Effect.Effect<Receipt, SweepError>
    /**
     * Plans, asks for the confirmation through the surface where the settings do not call it automatic, and carries out:
     * on one reading if it is confirmed within 60 s.
     */
    readonly carryOut: (request: PlanRequest) => Effect.Effect<Carried, SweepError>
    /**
     * The fastest way to zero active keys. `choose` shows both ways and gives back the phrase that was typed; three
     * misses end it. Build the `Account` with a reserve of 0 for it. `onTrouble` is told when the log refuses.
     */
    readonly panic: (options: PanicOptions) => Effect.Effect<Receipt, SweepError>
    /** Goes on with a run that was killed or stopped; the latest that can be, if none is named. */
    readonly resume: (run: RunId | null) => Effect.Effect<Receipt, SweepError>
    /** What soaks on this account, until when, and when something is due next: by the log alone, without a request. */
    readonly soaking: Effect.Effect<Soaking, SweepError>
    /**
     * Watches the soaking keys, and deletes those whose time has come: what every scheduler calls, as often as it likes.
     * Nothing is sent where no key soaks. Of two at once one fails with `LeaseHeld`; a deletion that may not take place
     * now is in the report and is tried again the next time.
     */
    readonly runDue: Effect.Effect<DueReport, SweepError>
    /** Calls `runDue` whenever something is due, and now and then in between, for ever. See {@link watchDue}. */
    readonly watchDue: (
      tell: (came: Either.Either<DueReport, SweepError>) => Effect.Effect<void>
    ) => Effect.Effect<never, SweepError>
    /** For whoever keeps the time: how many milliseconds `runDue`, last called then, can wait for. See {@link untilWanted}. */
    readonly untilDue: (last: DateTime.Utc | null) => Effect.Effect<number, SweepError>
    /** What `to` is to be told now of a run's soaking keys; told once, by whoever asked. See {@link soakRemindersFor}. */
    readonly soakReminders: (run: RunId, to: string) => Effect.Effect<ReadonlyArray<Reminder>, SweepError>
    /** What would take a run back; plan it, or carry it out, like any other request. */
    readonly undo: (run: RunId) => Effect.Effect<PlanRequest, SweepError>
    /** Whose approvals of a plan count so far, and how many it needs, if the operator runs it. Without a request. */
    readonly approvals: (plan: Approvable) => Effect.Effect<ApprovalState, SweepError>
    /** The operator approves a plan that `requester` wants to run; a refused approval is recorded. Without a request. */
    readonly approve: (plan: Approvable, requester: Actor) => Effect.Effect<ApprovalState, SweepError>
    /**
     * Holds a key, a plan, or (with neither) the whole account: nothing held is run until the hold is lifted. Without a
     * request, once the account was read: so that an owner can object at any time.
     */
    readonly hold: (what: HoldTarget, why: string) => Effect.Effect<void, SweepError>
    readonly liftHold: (what: HoldTarget, why: string) => Effect.Effect<void, SweepError>
    /** Reads every key and backs the settings up, apart from any run. */
    readonly backup: Effect.Effect<BackupManifest, SweepError>
    /** The account's id as far as it is known without a request. */
    readonly account: Effect.Effect<AccountId>
    /** Something over the log and the backups of this account, without a request. */
    readonly books: <A, E>(use: Effect.Effect<A, E, Log | Backups>) => Effect.Effect<A, E | SweepError>
  }
>() {
  static readonly layer = Layer.scoped(
    Sweep,
    Effect.gen(function* () {
      const account = yield* Account
      const memory = yield* AccountMemory
      const settings = yield* Settings
      const owners = ownersIn(settings)
      const services = yield* Effect.context<Services>()
      yield* tellWaits

      const booksOf = (id: AccountId) => Layer.merge(Log.layer(id), Backups.layer(id))
      const recordsOf = (id: AccountId) => Effect.flatMap(Log, (log) => log.records).pipe(Effect.provide(booksOf(id)))

      const readFor = (request: PlanRequest) => Effect.zipRight(checkReason(request), read)
      const planOn = (asked: PlanRequest, reading: Reading) =>
        Effect.gen(function* () {
          const taken: TakenIn =
            asked.leaks === undefined
              ? { _tag: "Request", request: asked, elsewhere: [] }
              : yield* takeIn(asked, asked.leaks, reading).pipe(Effect.provide(booksOf(reading.account)))
          if (taken._tag === "Nothing") return { ...taken, selected: [], left: [] } satisfies Planning
          const { elsewhere, request } = taken
          const records = yield* recordsOf(reading.account)
          const facts = yield* planFacts(reading, records, elsewhere).pipe(Effect.provide(booksOf(reading.account)))
          const planning = makePlan(request, facts)
          return yield* Either.match(planning, { onLeft: Effect.fail, onRight: Effect.succeed })
        })

      const runOn = (plan: Plan, confirmed: Confirmed, reading: Reading | null) =>
        run({ plan, confirmed, reading }).pipe(Effect.provide(booksOf(plan.account)))

      const known = Effect.map(memory.get(account.credential), (it) =>
        it?.baseUrl === account.baseUrl ? it.account : null
      )
      /** Asks the upstream only where nothing is remembered. */
      const mine = Effect.flatMap(known, (it) =>
        it === null ? Effect.map(read, ({ account }) => account) : Effect.succeed(it)
      )
      const accountNow = Effect.map(known, (it) => it ?? account.credential)

      const inventory = Effect.gen(function* () {
        const memory = yield* InventoryMemory
        const now = inventoryOf(yield* read, owners)
        yield* memory.keep(now)
        return now
      })

      const show = Effect.fn("Sweep.show")(function* (literal: string) {
        const reader = yield* AccountReader
        const remembered = yield* InventoryMemory
        const now = inventoryOf(yield* read, owners)
        const { selected } = yield* select(now, { keys: [literal] })
        const previous = yield* remembered.last(now.account)
        yield* remembered.keep(now)
        const log = yield* Effect.option(reader.log)
        const stored = storedIn(yield* Effect.flatMap(ScanMemory, (memory) => memory.kept(now.account)))
        const [found] = selected
        if (found === undefined) return yield* Effect.dieMessage("a literal selects one key or is refused")
        return evidenceOf(found.key, { inventory: now, previous, log: Option.getOrNull(log), settings, stored })
      })

      const apply = Effect.fn("Sweep.apply")(function* (plan: Plan, confirmed: Confirmed) {
        // Whose key this is must be known before the log of the plan's account is opened.
        const here = yield* mine
        if (here !== plan.account) {
          return yield* new PlanStale({
            reason: "other account",
            detail: `The plan is for ${plan.account}, the master key for ${here}; nothing was changed.`,
            drift: []
          })
        }
        return yield* runOn(plan, confirmed, null)
      })

      const carryOut = Effect.fn("Sweep.carryOut")(function* (request: PlanRequest) {
        const reading = yield* readFor(request)
        const planning = yield* planOn(request, reading)
        if (planning._tag === "Nothing") return { _tag: "Nothing", detail: planning.detail } as const
        const { plan } = planning
        // Nobody is asked to confirm what cannot be run.
        const blocks = plan.gate.filter(({ result }) => result === "block")
        if (blocks.length > 0) return yield* new GateBlocked({ blocks })
        const confirmed = yield* plan.automatic ? confirmedAutomatically(plan) : confirm(plan)
        const now = yield* DateTime.now
        // A clock that was set back tells nothing.
        const recent = Math.abs(DateTime.distance(reading.at, now)) <= maxReadingAge
        const receipt = yield* runOn(plan, confirmed, recent ? reading : null)
        return { _tag: "Receipt", plan, receipt } as const
      })

      const backup = Effect.gen(function* () {
        const reading = yield* read
        if (reading.listing.unreadable.length > 0) {
          return yield* new InventoryPartial({ unreadable: reading.listing.unreadable.length })
        }
        return yield* backUp(yield* makeRunId, reading.at, reading.listing.keys).pipe(
          Effect.provide(booksOf(reading.account))
        )
      }).pipe(Effect.withSpan("Sweep.backup"))

      const record = (event: AuditEvent) =>
        Effect.flatMap(mine, (id) =>
          Effect.flatMap(Log, (log) => log.append(event)).pipe(Effect.provide(booksOf(id)))
        ).pipe(Effect.asVoid, Effect.provide(services))

      const soaking = Effect.gen(function* () {
        const records = yield* Effect.flatMap(mine, recordsOf)
        return soakingOf(viewOf(records).soaks, yield* DateTime.now)
      }).pipe(Effect.provide(services))
      // What is due was done by then: a reminder that cannot be given, or has to wait, is no failure of it.
      const due = Effect.flatMap(mine, (id) =>
        Effect.provide(Effect.tap(runDue, Effect.ignore(remind)), booksOf(id))
      ).pipe(Effect.provide(services))

      return Sweep.of({
        inventory: inventory.pipe(Effect.provide(services)),
        show: (literal) => show(literal).pipe(Effect.provide(services)),
        plan: (it) => Effect.flatMap(readFor(it), (reading) => planOn(it, reading)).pipe(Effect.provide(services)),
        apply: (plan, confirmed) => apply(plan, confirmed).pipe(Effect.provide(services)),
        carryOut: (request) => carryOut(request).pipe(Effect.provide(services)),
        panic: (options) => panic(options).pipe(Effect.provide(services)),
        resume: (wanted) =>
          Effect.flatMap(mine, (id) => resume(wanted, account.timeScale).pipe(Effect.provide(booksOf(id)))).pipe(
            Effect.provide(services)
          ),
        soaking,
        runDue: due,
        untilDue: (last) =>
          Effect.flatMap(soaking, (soaking) =>
            Effect.map(DateTime.now, (now) => untilWanted(soaking, last, now, account.timeScale))
          ),
        soakReminders: (run, to) =>
          Effect.flatMap(mine, (id) => Effect.provide(soakRemindersFor(run, to), booksOf(id))).pipe(
            Effect.provide(services)
          ),
        watchDue: (tell) => watchDue({ runDue: due, soaking }, account.timeScale, tell),
        undo: (wanted) =>
          Effect.flatMap(mine, recordsOf).pipe(
            Effect.flatMap((records) => undoOf(wanted, records)),
            Effect.provide(services)
          ),
        approvals: (plan) =>
          Effect.gen(function* () {
            const { actor } = yield* Operator
            return approvalsOf(plan, actor, settings, yield* Effect.flatMap(Log, (log) => log.records))
          }).pipe(Effect.provide(booksOf(plan.account)), Effect.provide(services)),
        approve: (plan, requester) =>
          approve(plan, requester).pipe(Effect.provide(booksOf(plan.account)), Effect.provide(services)),
        hold: (what, why) => record(Held.make({ plan: what.plan ?? null, ...keyOf(what), why })),
        liftHold: (what, why) => record(HoldLifted.make({ plan: what.plan ?? null, ...keyOf(what), why })),
        backup: backup.pipe(Effect.provide(services)),
        account: accountNow,
        books: (use) =>
          Effect.flatMap(accountNow, (id) => Effect.provide(use, booksOf(id))).pipe(Effect.provide(services))
      })
    })
  )
}

/** One key, one plan (by its hash), or with neither the whole account. */
export interface HoldTarget {
  readonly key?: KeyId
  readonly plan?: string
}

const keyOf = ({ key }: HoldTarget) => (key === undefined ? {} : { key })

/** Milliseconds: a confirmation that took longer asks for a fresh reading. */
const maxReadingAge = 60_000

type Services =
  | Account
  | AccountMemory
  | AccountReader
  | InventoryMemory
  | ScanMemory
  | KeyReader
  | Transport
  | Pacer
  | LogStore
  | BackupStore
  | Seal
  | Leases
  | Operator
  | Settings
  | Notices
  | Confirmation
  | Progress
