import {
  AccountRekeyed,
  CallSettled,
  MasterKeyDelivered,
  MasterKeyUndelivered,
  RunFinished
} from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import type { RunId } from "@keysweep/audit/RunId"
import { Account, type AccountId } from "@keysweep/core/Account"
import { AccountMemory } from "@keysweep/core/AccountMemory"
import { calls } from "@keysweep/core/Calls"
import { PacerStore } from "@keysweep/core/PacerStore"
import { Transport } from "@keysweep/core/Transport"
import { Effect, type Redacted } from "effect"
import type { Reading } from "../Inventory.ts"
import type { Outcome } from "../Outcome.ts"
import { earlierIn, isOpen, settleEarlier } from "./Earlier.ts"
import type { Regenerated } from "./Regenerated.ts"

/** What the request came to. */
export interface Ended {
  readonly to: AccountId | null
  readonly value: Redacted.Redacted | null
  readonly sinks: Regenerated["sinks"]
  readonly unrecorded: string | null
  /** Where there is no new key: how it ended. */
  readonly failed: { readonly outcome: Outcome; readonly detail: string } | null
}

export const ended = (outcome: Outcome, detail: string): Ended => ({
  to: null,
  value: null,
  sinks: [],
  unrecorded: null,
  failed: { outcome, detail }
})

/**
 * The answer was lost. A dead old key tells that there is a new one, which then nobody has. One that works tells nothing
 * for good: the request may still be on its way, and have its effect later. Only one that never left has none.
 */
export const settledByReading = (run: RunId, { message, sent }: { readonly message: string; readonly sent: boolean }) =>
  Effect.gen(function* () {
    if (!sent) {
      yield* settleUnsent(run)
      return ended("failed", `${message}. The master key is as it was: there was no connection to ask over.`)
    }
    const works = yield* takes(null)
    if (works === false) {
      return ended(
        "failed",
        `${message}. The old master key is dead, and the new one was lost with the answer. Fetch it from the vendor's dashboard; proxy keys go on working meanwhile.`
      )
    }
    const now = works === true ? "The old master key still works, but the request may yet arrive" : "It is not known"
    return ended(
      "unverified",
      `${message}. Whether the master key is replaced cannot be told. ${now}. Try the old key again in some minutes (keysweep list). If it is refused, fetch the new one from the vendor's dashboard. If it works, this command may be given again: whichever request comes second is refused, because the key that it carries is dead.`
    )
  }).pipe(
    Effect.catchTag("LogUnavailable", (error) => Effect.succeed(ended("records", `${message}. ${error.message}`)))
  )

const settleUnsent = (run: RunId) =>
  Effect.gen(function* () {
    const log = yield* Log
    const call = earlierIn(yield* log.records)
      .filter((it) => it.run === run && isOpen(it))
      .at(-1)?.call
    if (call === undefined) return
    yield* log.append(CallSettled.make({ id: call, outcome: { result: "undone", detail: "it was never sent" } }), run)
  })

/** Whether the upstream takes a master key (`null`: the old one) for a read; `null`: it did not say. */
const takes = (key: Redacted.Redacted | null) =>
  Effect.flatMap(Transport, (transport) =>
    transport.send({
      call: "list",
      route: calls.list.routes.static,
      path: calls.list.routes.static.path,
      ...(key === null ? {} : { bearer: key })
    })
  ).pipe(
    Effect.as(true),
    Effect.catchAll((error) => Effect.succeed(error._tag === "Unauthorized" ? false : null))
  )

export const finish = (run: RunId, outcome: Outcome) =>
  Effect.flatMap(Log, (log) =>
    log.append(RunFinished.make({ outcome, keys: [], creditExpected: null, creditObserved: null }), run)
  )

/** Records where the value is, carries the account over to it, and shows that it works and the old one does not. */
export const carryOn = (run: RunId, reading: Reading, renewed: Ended) =>
  Effect.gen(function* () {
    const log = yield* Log
    const { failed, sinks, to, unrecorded, value } = renewed
    if (failed !== null || to === null || value === null) {
      yield* finish(run, failed?.outcome ?? "failed")
      return { outcome: failed?.outcome ?? ("failed" as const), detail: failed?.detail ?? null }
    }
    if (unrecorded !== null)
      return { outcome: "records" as const, detail: `${unrecorded}; the new key is in the sinks` }
    for (const { detail, result, sink } of sinks) {
      yield* log.append(
        result === "failed"
          ? MasterKeyUndelivered.make({ sink, why: detail })
          : MasterKeyDelivered.make({ sink, proof: result }),
        run
      )
    }
    yield* rekey(run, reading, to)
    yield* settleEarlier(yield* log.records, to)
    const isNew = yield* takes(value)
    const isOld = yield* takes(null)
    const missed = sinks.filter(({ result }) => result === "failed").map(({ sink }) => sink)
    const outcome: Outcome = isNew !== true || isOld !== false ? "unverified" : missed.length > 0 ? "partial" : "done"
    yield* finish(run, outcome)
    const detail = [
      ...(isNew === true ? [] : ["No request with the new master key was answered."]),
      ...(isOld === false ? [] : ["The old master key was not seen to be refused."]),
      ...(missed.length === 0 ? [] : [`The new value did not reach ${missed.join(", ")}: put it there by hand.`])
    ]
    return { outcome, detail: detail.length === 0 ? null : detail.join(" ") }
  })

/**
 * From now on the account is reached with another key: what is known of the account and of its rate limit goes over to
 * it. An account whose own id was never seen is known by its master key alone, so its log goes on under the new id.
 */
const rekey = (run: RunId, reading: Reading, to: AccountId) =>
  Effect.gen(function* () {
    const { credential } = yield* Account
    const log = yield* Log
    const memory = yield* AccountMemory
    const pacing = yield* PacerStore
    const event = AccountRekeyed.make({ from: credential, to })
    yield* log.append(event, run)
    const known = yield* memory.get(credential)
    if (known !== null) yield* memory.set(to, known)
    else if (reading.account === credential) {
      yield* Effect.flatMap(Log, (next) => next.append(event, run)).pipe(Effect.provide(Log.layer(to)))
    }
    const state = yield* pacing.modify(credential, (it) => [it, it])
    yield* pacing.modify(to, (it) => [undefined, it.slots.length === 0 ? state : it])
  })
