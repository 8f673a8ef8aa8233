import { Backups } from "@keysweep/audit/Backup"
import type { BackupStore } from "@keysweep/audit/BackupStore"
import { Operator } from "@keysweep/audit/Actor"
import type { Leases } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import type { LogStore } from "@keysweep/audit/LogStore"
import type { RunId } from "@keysweep/audit/RunId"
import type { Seal } from "@keysweep/audit/Seal"
import { Account, type AccountId } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { AccountReader } from "@keysweep/core/AccountReader"
import type { KeyReader } from "@keysweep/core/KeyReader"
import type { Pacer } from "@keysweep/core/Pacer"
import type { Transport } from "@keysweep/core/Transport"
import { Context, Effect, Either, Layer, Option } from "effect"
import type { Confirmed } from "../Confirmation.ts"
import { read } from "../Inventory.ts"
import { viewOf } from "../Permission.ts"
import { GateBlocked, PlanStale } from "../PlanError.ts"
import type { InventoryMemory } from "../InventoryMemory.ts"
import type { Notices } from "../Notice.ts"
import { planFacts } from "../PlanFacts.ts"
import { type ScanMemory, storedIn } from "../scan/ScanMemory.ts"
import type { Progress } from "../Progress.ts"
import { checkReason } from "../Reason.ts"
import { Settings } from "../Settings.ts"
import type { Sinks } from "../sinks/Sinks.ts"
import type { SweepError } from "../SweepError.ts"
import { heirsIn } from "./Heirs.ts"
import { makeReplacePlan, type ReplacePlan, type ReplacePlanning, type ReplaceRequest } from "./ReplacePlan.ts"
import type { ReplaceReceipt } from "./ReplaceReceipt.ts"
import { replaceResume, resumableReplacements } from "./ReplaceResume.ts"
import { replaceRun } from "./ReplaceRun.ts"
import { sourceKeys, type Source } from "./Source.ts"

/** `from`: where the settings of keys to recreate come from; for a rotation they are read from the account. */
export type Replacing = ReplaceRequest & { readonly from?: Source }

/**
 * New keys in place of old ones, for one account: from a backup or the log (`recreate`), or before the old ones are taken
 * out of service (`rotate`). Every error means that nothing was changed.
 */
export class Replacements extends Context.Tag("@keysweep/revocation/Replacements")<
  Replacements,
  {
    /** Reads, and says what would be done. Writes nothing. */
    readonly plan: (request: Replacing) => Effect.Effect<ReplacePlanning, SweepError>
    /** Carries out a plan, once. May take as long as the plan says that both keys work. */
    readonly apply: (plan: ReplacePlan, confirmed: Confirmed) => Effect.Effect<ReplaceReceipt, SweepError>
    /** Goes on with a run that was killed or stopped; the latest that can be, if none is named. */
    readonly resume: (run: RunId | null) => Effect.Effect<ReplaceReceipt, SweepError>
    /** Runs that {@link resume} could go on with, oldest first. Without a request. */
    readonly resumable: Effect.Effect<ReadonlyArray<RunId>, SweepError>
  }
>() {
  static readonly layer = Layer.effect(
    Replacements,
    Effect.gen(function* () {
      const account = yield* Account
      const memory = yield* AccountMemory
      const services = yield* Effect.context<Services>()

      const booksOf = (id: AccountId) => Layer.merge(Log.layer(id), Backups.layer(id))
      const mine = Effect.flatMap(memory.get(account.credential), (known) =>
        known?.baseUrl === account.baseUrl
          ? Effect.succeed(known.account)
          : Effect.map(read, (reading) => reading.account)
      )

      const plan = Effect.fn("Replacements.plan")(function* (request: Replacing) {
        yield* checkReason(request)
        const reading = yield* read
        const { from = "log" } = request
        const work = Effect.gen(function* () {
          const records = yield* Effect.flatMap(Log, (log) => log.records)
          const view = viewOf(records)
          const source = request.action === "recreate" ? yield* sourceKeys(from, reading.account, view) : []
          const use = yield* Effect.option(Effect.flatMap(AccountReader, (reader) => reader.use))
          const facts = yield* planFacts(reading, records, [])
          const planning = makeReplacePlan(request, {
            ...facts,
            source,
            use: Option.getOrNull(use),
            view,
            heirs: heirsIn(records, reading.listing.keys),
            stored: storedIn(facts.scans)
          })
          return yield* Either.match(planning, { onLeft: Effect.fail, onRight: Effect.succeed })
        })
        return yield* Effect.provide(work, booksOf(reading.account))
      })

      const apply = Effect.fn("Replacements.apply")(function* (it: ReplacePlan, confirmed: Confirmed) {
        // Whose key this is must be known before the log of the plan's account is opened.
        const here = yield* mine
        if (here !== it.account) {
          const detail = `The plan is for ${it.account}, the master key for ${here}; nothing was changed.`
          return yield* new PlanStale({ reason: "other account", detail, drift: [] })
        }
        return yield* Effect.provide(replaceRun(it, confirmed), booksOf(it.account))
      })

      const inBooks = <A, E, R>(use: Effect.Effect<A, E, R | Log | Backups>) =>
        Effect.flatMap(mine, (id) => Effect.provide(use, booksOf(id)))

      return Replacements.of({
        plan: (request) => plan(request).pipe(Effect.provide(services)),
        apply: (it, confirmed) => apply(it, confirmed).pipe(Effect.provide(services)),
        resume: (run) => inBooks(replaceResume(run)).pipe(Effect.provide(services)),
        resumable: inBooks(
          Effect.map(
            Effect.flatMap(Log, (log) => log.records),
            (records) => resumableReplacements(records).map(({ id }) => id)
          )
        ).pipe(Effect.provide(services))
      })
    })
  )
}

/** Why a plan cannot run as it is, before anybody is asked to confirm it. */
export const blockedBy = (plan: ReplacePlan): Effect.Effect<void, GateBlocked> => {
  const blocks = plan.gate.filter(({ result }) => result === "block")
  return blocks.length === 0 ? Effect.void : new GateBlocked({ blocks })
}

type Services =
  | Account
  | AccountMemory
  | AccountReader
  | KeyReader
  | Transport
  | Pacer
  | LogStore
  | BackupStore
  | Seal
  | Leases
  | Operator
  | Settings
  | Sinks
  | Notices
  | InventoryMemory
  | ScanMemory
  | Progress
