import { Confirmed, MasterKeyPlanned } from "@keysweep/audit/Event"
import { hold } from "@keysweep/audit/Lease"
import { Log } from "@keysweep/audit/Log"
import * as LogJournal from "@keysweep/audit/LogJournal"
import { makeRunId } from "@keysweep/audit/RunId"
import { Account, type AccountId, accountIdOf } from "@keysweep/core/Account"
import { digestOf } from "@keysweep/core/Canonical"
import { MasterKey } from "@keysweep/core/MasterKey"
import { DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { read, type Reading } from "../Inventory.ts"
import { ConfirmationRefused, GateBlocked } from "../PlanError.ts"
import { type NewValue, Sinks } from "../sinks/Sinks.ts"
import { sinkFor, type SinkTarget, sinkText } from "../sinks/SinkTarget.ts"
import { stopOf } from "../SweepError.ts"
import { carryOn, type Ended, ended, finish, settledByReading } from "./CarryOver.ts"
import { anHour, earlierIn, isOpen, settleEarlier } from "./Earlier.ts"
import { incidentIn } from "./Incident.ts"
import type { Regenerated } from "./Regenerated.ts"

export interface RegenerateOptions {
  readonly reason: string | null
  /** At least one. `{NAME}` in them stands for {@link valueName}. */
  readonly sinks: ReadonlyArray<SinkTarget>
  /** Shows the proposal and gives back what was typed; three misses end it. */
  readonly confirm: (
    proposal: Proposal,
    attempt: { readonly number: number; readonly of: number }
  ) => Effect.Effect<string, ConfirmationRefused>
  /** Where the value goes that reached no sink, because nobody can ever read it again: a person's eyes. */
  readonly lastResort: (it: NewValue) => Effect.Effect<void>
}

/** What a person confirms, by typing `phrase`. */
export interface Proposal {
  readonly account: AccountId
  readonly phrase: string
  readonly sinks: ReadonlyArray<string>
  readonly keys: number
}

export const valueName = "ELECTRONHUB_API_KEY"

/**
 * Replaces the account's master key, once: sinks are checked, a person confirms, the intent is durable, the new value is
 * in the sinks before anything else is done with it, and then it is shown that it works and that the old one does not.
 * Every error means that nothing was changed; from the request on, it ends in a document. Never repeated by a program.
 */
export const regenerate = (options: RegenerateOptions) =>
  Effect.gen(function* () {
    const reading = yield* read
    return yield* regenerateOn(reading, options).pipe(Effect.provide(Log.layer(reading.account)))
  }).pipe(Effect.scoped, Effect.withSpan("Regeneration.regenerate"))

const regenerateOn = (reading: Reading, options: RegenerateOptions) =>
  Effect.gen(function* () {
    const { credential } = yield* Account
    const log = yield* Log
    const run = yield* makeRunId
    yield* hold(reading.account, run)
    const before = yield* log.records
    yield* settleEarlier(before, credential)
    const inDoubt = earlierIn(yield* log.records).some(isOpen)
    yield* permitted(options.sinks)
    const sinks = options.sinks.map((target) => sinkText(sinkFor(target, valueName)))
    yield* confirming(reading, sinks, options.confirm)
    const startedAt = yield* DateTime.now
    const plan = digestOf({ regenerate: run, account: reading.account, credential, sinks })
    yield* log.append(Confirmed.make({ plan, how: "typed" }), run)
    yield* log.append(MasterKeyPlanned.make({ credential, sinks, reason: options.reason }), run)
    const journal = LogJournal.layer(run, null)
    const keep = keepIn(yield* Sinks, options)
    const renewed = yield* Effect.flatMap(MasterKey, (it) => it.regenerate(keep)).pipe(
      Effect.provide(Layer.provide(MasterKey.layer, journal)),
      Effect.map((it): Ended => ({ ...it.kept, unrecorded: it.unrecorded?.detail ?? null })),
      Effect.catchTags({
        RateLimited: () => Effect.succeed(ended("limit", inDoubt ? oneMayBeMade : onceAnHour)),
        ApiUnavailable: (error) => settledByReading(run, error),
        UnexpectedResponse: ({ message }) => settledByReading(run, { message, sent: true }),
        JournalUnavailable: (error) => (error.sent ? settledByReading(run, error) : Effect.fail(error))
      }),
      Effect.tapError((error) => finish(run, stopOf(error).outcome).pipe(Effect.ignore))
    )
    const carried = yield* carryOn(run, reading, renewed).pipe(
      Effect.catchAll((error) => Effect.succeed({ outcome: "records" as const, detail: error.message }))
    )
    const told = yield* Effect.option(Effect.all([log.records, log.anchor]))
    const [records, anchor] = told._tag === "Some" ? told.value : [[], null]
    const document: Regenerated = {
      schema: "keysweep.regeneration/1",
      run,
      account: reading.account,
      outcome: carried.outcome,
      detail: carried.detail,
      from: credential,
      to: renewed.to,
      sinks: renewed.sinks,
      incident: incidentIn(records),
      anchor,
      startedAt,
      finishedAt: yield* DateTime.now
    }
    return document
  })

const onceAnHour =
  "The vendor answered 429: it makes one new master key an hour, and somebody may have asked for one; or the account is over its limit. The master key is as it was. Try again in an hour."

const oneMayBeMade =
  "The vendor answered 429: it makes one new master key an hour, and an earlier request of which no answer came may have made one; or the account is over its limit. Try the key in some minutes (keysweep list): if it is refused, fetch the new one from the vendor's dashboard; if it works, try again in an hour."

const keepIn =
  (places: typeof Sinks.Service, { lastResort, sinks }: RegenerateOptions) =>
  (value: Redacted.Redacted) =>
    Effect.gen(function* () {
      const it = { name: valueName, value }
      const delivered = yield* Effect.forEach(
        sinks,
        (target) =>
          places.deliver(target, it).pipe(
            Effect.map(({ note, proof, sink }) => ({ sink, result: proof, detail: note ?? "" })),
            Effect.catchAll(({ detail, sink }) => Effect.succeed({ sink, result: "failed" as const, detail }))
          ),
        { concurrency: "unbounded" }
      )
      if (delivered.every(({ result }) => result === "failed")) yield* lastResort(it)
      return { to: accountIdOf(Redacted.value(value)), value, sinks: delivered, failed: null }
    })

/** What can be known before: the sinks, and that nobody has asked within the hour, as far as the log tells. */
const permitted = (sinks: RegenerateOptions["sinks"]) =>
  Effect.gen(function* () {
    const { timeScale } = yield* Account
    const places = yield* Sinks
    const records = yield* Effect.flatMap(Log, (log) => log.records)
    const now = yield* DateTime.now
    const troubles = yield* Effect.forEach(sinks, (target) =>
      places.check(target, valueName).pipe(
        Effect.as([]),
        Effect.catchAll(({ message }) =>
          Effect.succeed([{ check: "sink", detail: message, lift: "mend it, or name another sink" }])
        )
      )
    )
    const last = earlierIn(records)
      .filter(({ result }) => result === "done")
      .at(-1)
    const again = last === undefined ? null : DateTime.addDuration(last.at, Duration.millis(anHour / timeScale))
    const hourly =
      again !== null && DateTime.greaterThan(again, now)
        ? [
            {
              check: "once an hour",
              detail: "the master key was replaced less than an hour ago, and the vendor makes one an hour",
              lift: `wait until ${DateTime.formatIso(again)}`
            }
          ]
        : []
    const none = { check: "sink", detail: "there is nowhere to put the new key", lift: "name at least one sink" }
    const blocks = [...(sinks.length === 0 ? [none] : []), ...troubles.flat(), ...hourly]
    if (blocks.length > 0) return yield* new GateBlocked({ blocks })
  })

const attempts = 3

const confirming = (reading: Reading, sinks: ReadonlyArray<string>, confirm: RegenerateOptions["confirm"]) =>
  Effect.gen(function* () {
    const { account, listing } = reading
    const proposal = { account, phrase: `regenerate ${account}`, sinks, keys: listing.keys.length }
    for (let number = 1; number <= attempts; number++) {
      if ((yield* confirm(proposal, { number, of: attempts })).trim() === proposal.phrase) return
    }
    const detail = `The phrase was not typed in ${attempts} attempts; nothing was changed.`
    return yield* new ConfirmationRefused({ reason: "three misses", detail })
  })
