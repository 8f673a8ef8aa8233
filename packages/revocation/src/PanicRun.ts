import { Backups } from "@keysweep/audit/Backup"
import { BackupMissing, Confirmed as ConfirmedEvent, KeyPlanned, RunStarted } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { makeRunId } from "@keysweep/audit/RunId"
import { digestOf } from "@keysweep/core/Canonical"
import { sum, zero } from "@keysweep/core/Credit"
import { DateTime, Effect, Layer } from "effect"
import type { Action } from "./Action.ts"
import { execute } from "./Execution.ts"
import { forecast } from "./Forecast.ts"
import { inventoryOf, read, type Reading } from "./Inventory.ts"
import { type PanicChoice, panicChoices, panicChosen } from "./Panic.ts"
import { ConfirmationRefused } from "./PlanError.ts"
import { backUp } from "./Run.ts"
import * as SecondSink from "./SecondSink.ts"
import { ownersIn, Settings } from "./Settings.ts"

/** Reads, shows both ways, and takes the one whose phrase was typed. */
export const panic = ({ choose, home, onTrouble, reason }: PanicOptions) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const reading = yield* read
    const inventory = inventoryOf(reading, ownersIn(settings))
    const choices = panicChoices(inventory, settings, yield* forecast)
    const choice = yield* choosing(choices, choose)
    const log = Layer.provide(SecondSink.layer(home, onTrouble), Log.layer(reading.account))
    return yield* panicRun(choice, reading, reason).pipe(
      Effect.provide(Layer.merge(log, Backups.layer(reading.account)))
    )
  }).pipe(Effect.withSpan("PanicRun.panic"))

export interface PanicOptions {
  readonly reason: string | null
  readonly choose: (
    choices: ReadonlyArray<PanicChoice>,
    attempt: { readonly number: number; readonly of: number }
  ) => Effect.Effect<string, ConfirmationRefused>
  /** Where the second sink is made. */
  readonly home: string
  readonly onTrouble: (file: string, detail: string) => Effect.Effect<void>
}

const attempts = 3

const choosing = (choices: ReadonlyArray<PanicChoice>, choose: PanicOptions["choose"]) =>
  Effect.gen(function* () {
    for (let number = 1; number <= attempts; number++) {
      const choice = panicChosen(choices, yield* choose(choices, { number, of: attempts }))
      if (choice !== null) return choice
    }
    const detail = `Neither phrase was typed in ${attempts} attempts; nothing was changed.`
    return yield* new ConfirmationRefused({ reason: "three misses", detail })
  })

/**
 * The fastest way to zero active keys. It takes no lease, so that no other run can keep it waiting; it asks for no
 * approval; and it goes on without a backup, when none could be made in 5 s, which is on record. Its plan is every key
 * of the reading.
 */
const panicRun = (choice: PanicChoice, reading: Reading, reason: string | null) =>
  Effect.gen(function* () {
    const log = yield* Log
    const run = yield* makeRunId
    const startedAt = yield* DateTime.now
    const fresh = new Map(reading.listing.keys.map((key) => [key.id, key]))
    const work = choice.keys.flatMap(({ id, name }) => {
      const key = fresh.get(id)
      const secret = reading.listing.secrets.get(id)
      return key === undefined || secret === undefined
        ? []
        : [{ planned: { id, name }, fresh: key, target: { id, secret } }]
    })
    const planned = work.map((it) => it.fresh)
    const action: Action = choice.way === "disable" ? "disable" : "delete-all"
    const plan = digestOf({ panic: run, account: choice.account, keys: choice.keys.map(({ id }) => id) })
    yield* log.append(ConfirmedEvent.make({ plan, how: "typed" }), run)
    const backup = yield* backUp(run, reading.at, planned).pipe(
      Effect.map(({ id }) => id),
      Effect.timeoutFail({ duration: "5 seconds", onTimeout: () => ({ message: "it was not done within 5 s" }) }),
      Effect.catchAll(({ message }) =>
        log
          .append(BackupMissing.make({ keys: choice.keys.map(({ id }) => id), why: message }), run)
          .pipe(Effect.as("none"))
      )
    )
    // The run has begun only when each key is on record: see Run.
    yield* Effect.forEach(planned, (key) => log.append(KeyPlanned.make({ key }), run), {
      concurrency: "unbounded",
      discard: true
    })
    yield* log.append(
      RunStarted.make({ plan, digest: plan, action, keys: choice.keys.map(({ id }) => id), reason, panic: true }),
      run
    )
    return yield* execute({
      run,
      plan,
      account: choice.account,
      action,
      method: choice.method,
      panic: true,
      reason,
      keys: choice.keys,
      skipped: choice.skipped,
      refused: [],
      creditExpected: choice.way === "delete" ? sum(planned.map((key) => key.remaining)) : zero,
      backup,
      permittedAt: 0,
      startedAt,
      dialect: reading.dialect,
      readAt: reading.at,
      planned,
      work,
      known: new Map(),
      retired: new Set(),
      soaks: new Map(),
      soaking: new Set(),
      plans: [plan]
    })
  }).pipe(Effect.withSpan("PanicRun.panicRun"))
