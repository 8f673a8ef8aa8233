import { Backups } from "@keysweep/audit/Backup"
import { BackupMissing, Confirmed as ConfirmedEvent, KeyPlanned, RunStarted } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import { makeRunId, type RunId } from "@keysweep/audit/RunId"
import { Account } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { digestOf } from "@keysweep/core/Canonical"
import { sum, zero } from "@keysweep/core/Credit"
import type { Dialect } from "@keysweep/core/Dialect"
import type { KeyListing } from "@keysweep/core/KeyReader"
import { Pacer } from "@keysweep/core/Pacer"
import { ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Layer } from "effect"
import type { Action } from "./Action.ts"
import { execute } from "./Execution.ts"
import { forecast } from "./Forecast.ts"
import { type Inventory, inventoryOf, read, type Reading } from "./Inventory.ts"
import { InventoryMemory } from "./InventoryMemory.ts"
import { type PanicChoice, panicChoices, panicChosen } from "./Panic.ts"
import { ConfirmationRefused } from "./PlanError.ts"
import { backUp } from "./Run.ts"
import * as SecondSink from "./SecondSink.ts"
import { ownersIn, Settings } from "./Settings.ts"

/**
 * Shows both ways, and takes the one whose phrase was typed. Where a reading would have to wait, because others eat the
 * limit, the choice is made from the last inventory and the first permitted request is the write: the one that deletes
 * every key names none. The proof follows.
 */
export const panic = ({ choose, home, onTrouble, reason, run }: PanicOptions) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const owners = ownersIn(settings)
    const start = yield* beginning
    const shown = start.reading === null ? start.inventory : inventoryOf(start.reading, owners)
    const choices = panicChoices(shown, settings, yield* forecast, start.reading === null)
    const chosen = yield* choosing(choices, choose)
    const go = (choice: PanicChoice, basis: Basis) =>
      panicRun(choice, basis, reason, run).pipe(
        Effect.provide(
          Layer.merge(
            Layer.provide(SecondSink.layer(home, onTrouble), Log.layer(choice.account)),
            Backups.layer(choice.account)
          )
        )
      )
    if (start.reading !== null) return yield* go(chosen, basisOf(start.reading))
    if (chosen.method === "bulk") return yield* go(chosen, rememberedBasis(start.inventory, start.dialect))
    // To switch a key off its value is needed, which is kept nowhere: so a reading, and then every key of it.
    const reading = yield* read
    const now = panicChoices(inventoryOf(reading, owners), settings, yield* forecast)
    return yield* go(now.find(({ way }) => way === chosen.way) ?? chosen, basisOf(reading))
  }).pipe(Effect.withSpan("PanicRun.panic"))

type Start =
  | { readonly reading: Reading }
  | { readonly reading: null; readonly inventory: Inventory; readonly dialect: Dialect }

/** A reading, or the last inventory where that is at hand and a reading cannot be had at once. */
const beginning = Effect.gen(function* () {
  const { baseUrl, credential } = yield* Account
  const known = yield* Effect.flatMap(AccountMemory, (memory) => memory.get(credential))
  const kept = yield* InventoryMemory
  const inventory = known?.baseUrl === baseUrl ? yield* kept.last(known.account) : null
  if (known === null || inventory === null) return { reading: yield* read } satisfies Start
  const remembered: Start = { reading: null, inventory, dialect: known.dialect }
  const pacer = yield* Pacer
  if (!(yield* pacer.roomFor(1))) return remembered
  return yield* Effect.map(read, (reading): Start => ({ reading })).pipe(
    Effect.catchTag("RateLimited", "ApiUnavailable", "DeadlineReached", () => Effect.succeed(remembered))
  )
})

/** What a panic goes by. */
interface Basis {
  readonly at: DateTime.Utc
  readonly dialect: Dialect | null
  readonly keys: ReadonlyArray<ProxyKey>
  /** Empty where the keys are only remembered. */
  readonly secrets: KeyListing["secrets"]
}

const basisOf = ({ at, dialect, listing }: Reading): Basis => ({ at, dialect, ...listing })

const rememberedBasis = ({ at, keys }: Inventory, dialect: Dialect): Basis => ({
  at,
  dialect,
  keys: keys.map(({ allocated, addresses, createdAt, expiresAt, id, lastUsedAt, models, name, state, used }) =>
    ProxyKey.make({
      allocated,
      addresses,
      createdAt,
      expiresAt,
      id,
      lastUsedAt,
      models,
      name,
      used,
      active: state !== "disabled",
      other: {}
    })
  ),
  secrets: new Map()
})

export interface PanicOptions {
  /** What the run is called; a new name where it is left out. Whoever may die with it knows then what to look for. */
  readonly run?: RunId
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
const panicRun = (choice: PanicChoice, basis: Basis, reason: string | null, named: RunId | undefined) =>
  Effect.gen(function* () {
    const log = yield* Log
    const run = named ?? (yield* makeRunId)
    const startedAt = yield* DateTime.now
    const fresh = new Map(basis.keys.map((key) => [key.id, key]))
    const planned = choice.keys.flatMap(({ id }) => fresh.get(id) ?? [])
    const work = choice.keys.flatMap(({ id, name }) => {
      const key = fresh.get(id)
      const secret = basis.secrets.get(id)
      return key === undefined || secret === undefined
        ? []
        : [{ planned: { id, name }, fresh: key, target: { id, secret } }]
    })
    const action: Action = choice.way === "disable" ? "disable" : "delete-all"
    const plan = digestOf({ panic: run, account: choice.account, keys: choice.keys.map(({ id }) => id) })
    yield* log.append(ConfirmedEvent.make({ plan, how: "typed" }), run)
    const backup = yield* backUpBriefly(run, basis.at, planned)
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
      dialect: basis.dialect,
      readAt: basis.at,
      planned,
      work,
      known: new Map(),
      retired: new Set(),
      soaks: new Map(),
      soaking: new Set(),
      plans: [plan]
    })
  }).pipe(Effect.withSpan("PanicRun.panicRun"))

/** A backup if it can be had within 5 s; otherwise its absence goes on record. Its id, or `none`. */
export const backUpBriefly = (run: RunId, at: DateTime.Utc, keys: ReadonlyArray<ProxyKey>) =>
  backUp(run, at, keys).pipe(
    Effect.map(({ id }) => id),
    Effect.timeoutFail({ duration: "5 seconds", onTimeout: () => ({ message: "it was not done within 5 s" }) }),
    Effect.catchAll(({ message }) =>
      Effect.flatMap(Log, (log) =>
        log.append(BackupMissing.make({ keys: keys.map(({ id }) => id), why: message }), run).pipe(Effect.as("none"))
      )
    )
  )
