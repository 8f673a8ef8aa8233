import { AccountRekeyed, CallSettled, RunFinished } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import type { LogRecord } from "@keysweep/audit/LogRecord"
import type { RunId } from "@keysweep/audit/RunId"
import { Account, type AccountId } from "@keysweep/core/Account"
import type { CallOutcome } from "@keysweep/core/Journal"
import { DateTime, Effect } from "effect"

/** A regeneration as the log knows it. */
export interface Earlier {
  readonly run: RunId
  readonly credential: AccountId
  readonly sinks: ReadonlyArray<string>
  readonly call: string
  readonly at: DateTime.Utc
  /** `null`: it was intended, and nobody knows whether it was sent. */
  readonly result: CallOutcome["result"] | null
  /** That the account is reached with another key since is on record. */
  readonly rekeyed: boolean
  readonly finished: boolean
}

/** Every regeneration that was at least intended, oldest first. */
export const earlierIn = (records: ReadonlyArray<LogRecord>): ReadonlyArray<Earlier> => {
  const planned = new Map<RunId, { readonly credential: AccountId; readonly sinks: ReadonlyArray<string> }>()
  const calls = new Map<string, Earlier>()
  for (const { at, event, run } of records) {
    if (run === null) continue
    if (event._tag === "MasterKeyPlanned") planned.set(run, event)
    const plan = planned.get(run)
    if (plan === undefined) continue
    if (event._tag === "CallIntended" && event.intent.call === "regenerate") {
      const { credential, sinks } = plan
      const begun = { run, credential, sinks, call: event.id, at, result: null, rekeyed: false, finished: false }
      calls.set(event.id, begun)
    }
    const last = [...calls.values()].filter((it) => it.run === run).at(-1)
    if (last === undefined) continue
    if (event._tag === "CallSettled" && event.id === last.call) {
      calls.set(last.call, { ...last, result: event.outcome.result })
    }
    if (event._tag === "AccountRekeyed") calls.set(last.call, { ...last, rekeyed: true })
    if (event._tag === "RunFinished") calls.set(last.call, { ...last, finished: true })
  }
  return [...calls.values()]
}

/** Nobody knows whether it had its effect. */
export const isOpen = ({ result }: Earlier): boolean => result === null || result === "unknown"

/**
 * Settles what earlier requests left open, now that a reading has shown that `credential` works, as far as that tells. A
 * request whose key another one has replaced is refused wherever it is by now. One whose key is dead had its effect. One
 * whose key works had none so far, and never will have, if that is still so after an hour.
 * What an earlier process knew and did not come to record is recorded.
 */
export const settleEarlier = (records: ReadonlyArray<LogRecord>, credential: AccountId) =>
  Effect.gen(function* () {
    const log = yield* Log
    const { timeScale } = yield* Account
    const now = yield* DateTime.now
    const all = earlierIn(records)
    const gone = new Set(all.flatMap(({ credential: old, result }) => (result === "done" ? [old] : [])))
    for (const { at, call, credential: old, run } of all.filter(isOpen)) {
      const replaced = gone.has(old)
      const late = DateTime.distance(at, now) > anHour / timeScale
      const happened = !replaced && old !== credential
      if (!replaced && !happened && !late) continue
      const why = replaced
        ? "another request has replaced the master key that it carried"
        : "the master key that it would have replaced works, an hour later"
      yield* log.append(
        CallSettled.make({
          id: call,
          outcome: happened
            ? { result: "done", detail: "another master key works now" }
            : { result: "undone", detail: why }
        }),
        run
      )
      // Of several that carried the same key one had its effect, and nobody knows which.
      if (happened) gone.add(old)
      if (happened) yield* log.append(AccountRekeyed.make({ from: old, to: credential }), run)
      yield* log.append(ended(happened ? "unverified" : "failed"), run)
    }
    const unlinked = all.filter(
      ({ credential: old, rekeyed, result }) => result === "done" && !rekeyed && old !== credential
    )
    for (const { credential: old, finished, run } of unlinked) {
      yield* log.append(AccountRekeyed.make({ from: old, to: credential }), run)
      if (!finished) yield* log.append(ended("unverified"), run)
    }
  })

/** In milliseconds: the vendor makes one master key in it. No request is on its way for longer. */
export const anHour = 3_600_000

const ended = (outcome: string) => RunFinished.make({ outcome, keys: [], creditExpected: null, creditObserved: null })

/** What to do about a key that the upstream does not take any more, where a request to replace it may be why. */
export const lostIn = (records: ReadonlyArray<LogRecord>, credential: AccountId): string | null => {
  const last = earlierIn(records)
    .filter((it) => it.credential === credential && (isOpen(it) || it.result === "done"))
    .at(-1)
  if (last === undefined) return null
  const at = DateTime.formatIso(last.at)
  const what = isOpen(last)
    ? `its replacement was asked for at ${at} and the answer is not on record`
    : `it was replaced at ${at}, by ${last.run}`
  return `${what}: look in ${last.sinks.join(", ")} for the new one; what is not there must be fetched from the vendor's dashboard. Give Keysweep that key (ELECTRONHUB_API_KEY, or what the settings name) and try again: keysweep list`
}
