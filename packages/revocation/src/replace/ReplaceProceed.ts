import { KeyRetired, RunFinished, SoakStarted } from "@keysweep/audit/Event"
import { Log } from "@keysweep/audit/Log"
import * as LogJournal from "@keysweep/audit/LogJournal"
import { Account } from "@keysweep/core/Account"
import type { Credit } from "@keysweep/core/Credit"
import { KeyCheck } from "@keysweep/core/KeyCheck"
import { KeyMaker } from "@keysweep/core/KeyMaker"
import { KeyReader } from "@keysweep/core/KeyReader"
import { KeyWriter } from "@keysweep/core/KeyWriter"
import { Pacer } from "@keysweep/core/Pacer"
import { hasSettings } from "@keysweep/core/KeySettings"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Duration, Effect, Layer } from "effect"
import { Progress } from "../Progress.ts"
import { outcomeOf, type Stop, type Verdict } from "../Proof.ts"
import { ownersIn, Settings } from "../Settings.ts"
import { stopOf } from "../SweepError.ts"
import { Halted, makeOne, type Replacement } from "./Make.ts"
import { makingsOf, notBegun } from "./Making.ts"
import { requestsOf } from "./ReplacePlan.ts"
import type { ReplaceReceipt } from "./ReplaceReceipt.ts"
import type { Replacing } from "./Replacing.ts"
import { overlap, type Pair, retire, type Retired, untouched } from "./Retire.ts"

/**
 * A run that makes keys, from where the log says that it is, to its receipt. It cannot fail: whatever happens is in the
 * receipt. The old keys are touched only after every new key has its value in its place and works.
 */
export const proceed = (task: Replacing) =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const { action, olds } = task
    const keys = olds.map(({ id, name }) => ({ id, name }))
    const estimateMillis = yield* timeLeft(task, 0)
    yield* progress.report({ _tag: "Started", action, total: olds.length, estimateMillis, keys, atOnce: 1 })
    yield* progress.report({ _tag: "Phase", phase: "acting" })
    const made = yield* makeAll(task)
    const pairs = task.olds.flatMap((old): ReadonlyArray<Pair> => {
      const replacement = made.results.get(old.id)
      return replacement === undefined || replacement instanceof Halted ? [] : [{ old, replacement }]
    })
    const heirs = pairs.map(({ replacement }) => replacement)
    const retired: Retired =
      task.action === "rotate" && made.stop === null && pairs.length > 0
        ? yield* Effect.zipRight(overlap(task.values.wait, heirs), retire(task, pairs)).pipe(
            Effect.catchAll((halted) => Effect.succeed(untouched(pairs, halted)))
          )
        : { ends: new Map(), expected: new Map(), inUse: new Map() }
    return yield* conclude(task, made, retired)
  }).pipe(
    Effect.provide(
      Layer.merge(
        KeyCheck.layer,
        Layer.provide(
          Layer.merge(KeyMaker.layer, KeyWriter.layer),
          LogJournal.layer(task.run, { plans: [task.plan], seq: task.permittedAt })
        )
      )
    ),
    Effect.withSpan("ReplaceProceed.proceed")
  )

/** Milliseconds, about, until the old keys have been dealt with, where so many new ones are made. */
const timeLeft = ({ action, olds, values }: Replacing, made: number) =>
  Effect.gen(function* () {
    const { timeScale } = yield* Account
    const requests = yield* Effect.flatMap(Pacer, (pacer) =>
      pacer.estimate(requestsOf(action, olds.slice(made), values.limitType))
    )
    return requests + (action === "rotate" ? values.wait / timeScale : 0)
  }).pipe(Effect.orElseSucceed(() => 0))

interface Made {
  readonly results: ReadonlyMap<KeyId, Replacement | Halted>
  readonly stop: Stop | null
}

/** One after another: only so can a key whose create got no reply be told from the others. */
const makeAll = (task: Replacing) =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const makings = new Map(makingsOf(task.records, task.run))
    const results = new Map<KeyId, Replacement | Halted>()
    let ids = task.reading.listing.keys.map(({ id }) => id)
    let stop: Stop | null = null
    for (const old of task.olds) {
      if (stop !== null) break
      const result: Replacement | Halted = yield* Effect.catchAll(makeOne(task, old, { ids, makings }), (halted) =>
        Effect.succeed(halted)
      )
      results.set(old.id, result)
      const id = result instanceof Halted ? result.made : result.id
      if (id !== undefined) {
        ids = [...ids, id]
        makings.set(old.id, { ...(makings.get(old.id) ?? notBegun), made: id })
      }
      if (result instanceof Halted) stop = result.stop
      yield* progress.report({
        _tag: "Key",
        id: old.id,
        name: old.name,
        detail: result instanceof Halted ? "failed" : "made",
        count: results.size,
        total: task.olds.length,
        leftMillis: yield* timeLeft(task, results.size)
      })
    }
    return { results, stop } satisfies Made
  })

const conclude = (task: Replacing, made: Made, retired: Retired) =>
  Effect.gen(function* () {
    const log = yield* Log
    const settings = yield* Settings
    const { timeScale } = yield* Account
    const shown = yield* proof
    const stop =
      made.stop ?? [...retired.ends.values()].flatMap((end) => (end === "retired" ? [] : (end.stop ?? [])))[0] ?? null
    const keys = task.olds.map((old) => {
      const result = made.results.get(old.id)
      const end = retired.ends.get(old.id)
      return {
        id: old.id,
        name: old.name,
        replacement: result === undefined ? null : result instanceof Halted ? (result.made ?? null) : result.id,
        delivered: result === undefined || result instanceof Halted ? [] : result.delivered,
        ...stillUsed(
          judge(task, old, result, end, shown, retired.expected.get(old.id), stop),
          retired.inUse.get(old.id)
        )
      }
    })
    const done = keys.filter(({ outcome }) => outcome === "done").map(({ id }) => id)
    const ownerOf = ownersIn(settings)
    const until = DateTime.addDuration(yield* DateTime.now, Duration.millis(task.values.soak / timeScale))
    const gone = task.action === "rotate" ? (shown ?? []).filter(({ id }) => done.includes(id)) : []
    const record = Effect.gen(function* () {
      for (const key of gone) {
        const recorded = task.records.flatMap(({ event, run }) =>
          run === task.run && (event._tag === "KeyRetired" || event._tag === "SoakStarted") && event.key.id === key.id
            ? [event._tag]
            : []
        )
        const retired = KeyRetired.make({ key, how: "disabled", owner: ownerOf?.(key) ?? null, reason: task.reason })
        if (!recorded.includes("KeyRetired")) yield* log.append(retired, task.run)
        if (!recorded.includes("SoakStarted")) yield* log.append(SoakStarted.make({ key, until }), task.run)
      }
      yield* log.append(
        RunFinished.make({
          outcome: outcomeOf(keys, stop),
          keys: keys.map(({ id, outcome }) => ({ id, outcome })),
          creditExpected: null,
          creditObserved: null
        }),
        task.run
      )
      return { anchor: yield* log.anchor, stop }
    })
    const recorded = yield* Effect.catchAll(record, (error) => Effect.succeed({ anchor: null, stop: stopOf(error) }))
    const receipt: ReplaceReceipt = {
      schema: "keysweep.replacement/1",
      run: task.run,
      plan: task.plan,
      account: task.account,
      action: task.action,
      outcome: outcomeOf(keys, recorded.stop),
      stopped: recorded.stop?.detail ?? null,
      keys,
      skipped: task.skipped,
      deletesAt: gone.length === 0 ? null : until,
      backup: task.backup,
      anchor: recorded.anchor,
      startedAt: task.startedAt,
      finishedAt: yield* DateTime.now
    }
    return receipt
  })

/** A fresh list, or nothing: a partial one proves little. */
const proof = Effect.gen(function* () {
  yield* (yield* Progress).report({ _tag: "Phase", phase: "proving" })
  const { keys, unreadable } = yield* (yield* KeyReader).list
  return unreadable.length > 0 ? null : keys
}).pipe(Effect.orElseSucceed(() => null))

/** What a soak would find out days later: an application that does not have the new value. */
const stillUsed = (verdict: Verdict, at: DateTime.Utc | undefined): Verdict =>
  at === undefined || verdict.outcome !== "done"
    ? verdict
    : {
        ...verdict,
        detail: `the old key was used at ${DateTime.formatIso(at)}, when its new key worked already: whoever still has it needs the new value`
      }

const judge = (
  task: Replacing,
  old: ProxyKey,
  result: Replacement | Halted | undefined,
  end: Halted | "retired" | undefined,
  shown: ReadonlyArray<ProxyKey> | null,
  allocated: Credit | undefined,
  stop: Stop | null
): Verdict => {
  if (result === undefined) return { outcome: "skipped", detail: stop?.detail ?? "the run ended before it" }
  if (result instanceof Halted) return { outcome: "failed", detail: result.detail }
  if (task.action === "rotate" && end === undefined) {
    return {
      outcome: "skipped",
      detail: `the new key ${result.id} works and its value is in its place; the old key was not touched: ${stop?.detail ?? "the run ended before it"}`
    }
  }
  if (end instanceof Halted) return { outcome: "failed", detail: end.detail }
  if (shown === null) return { outcome: "unverified", detail: "no reading proves it" }
  const heir = shown.find(({ id }) => id === result.id)
  const wanted = { ...result.wanted, allocated: allocated ?? result.wanted.allocated }
  const active = task.action === "rotate" || old.active
  if (heir === undefined || heir.active !== active || !hasSettings(heir, wanted)) {
    return { outcome: "unverified", detail: `the list does not show the new key ${result.id} as it should be` }
  }
  if (task.action === "rotate" && shown.some((key) => key.id === old.id && key.active)) {
    return { outcome: "unverified", detail: "the list still shows the old key active" }
  }
  return { outcome: "done", detail: "" }
}
