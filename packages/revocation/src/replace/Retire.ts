import { Account } from "@keysweep/core/Account"
import { type Credit, fromCredits, toCredits } from "@keysweep/core/Credit"
import { KeyReader } from "@keysweep/core/KeyReader"
import { KeyWriter, type Target } from "@keysweep/core/KeyWriter"
import { type KeyId, type ProxyKey, settingsDigest, stateAt } from "@keysweep/core/ProxyKey"
import { DateTime, Duration, Effect } from "effect"
import { Progress, tellStep } from "../Progress.ts"
import { protectionOf, Settings } from "../Settings.ts"
import { dialectOf, Halted, haltedBy, type Replacement } from "./Make.ts"
import type { Replacing } from "./Replacing.ts"

export interface Pair {
  readonly old: ProxyKey
  readonly replacement: Replacement
}

/** Waits until applications have had `wait` milliseconds with both keys, from when the last of these works. */
export const overlap = (wait: number, made: ReadonlyArray<Pick<Replacement, "validatedAt">>) =>
  Effect.gen(function* () {
    const { timeScale } = yield* Account
    const progress = yield* Progress
    const last = made.map(({ validatedAt }) => validatedAt).reduce(DateTime.max)
    const until = DateTime.addDuration(last, Duration.millis(wait / timeScale))
    const left = DateTime.distance(yield* DateTime.now, until)
    if (left <= 0) return
    yield* progress.report({ _tag: "Waiting", reason: "overlap", millis: left })
    yield* sleepUntil(until)
  })

/** In steps: a timer of the platform that is set for more than 24 days never rings. */
const sleepUntil = (until: DateTime.Utc): Effect.Effect<void> =>
  Effect.flatMap(DateTime.now, (now) => {
    const left = DateTime.distance(now, until)
    return left <= 0 ? Effect.void : Effect.zipRight(Effect.sleep(Math.min(left, day)), sleepUntil(until))
  })

const day = 86_400_000

export interface Retired {
  readonly ends: ReadonlyMap<KeyId, Halted | "retired">
  /** What new keys may spend in the end. */
  readonly expected: ReadonlyMap<KeyId, Credit>
  /** Old keys that somebody used though the new one worked, and when last. */
  readonly inUse: ReadonlyMap<KeyId, DateTime.Utc>
}

/** No old key was touched; `halted`: why. */
export const untouched = (pairs: ReadonlyArray<Pair>, halted: Halted): Retired => ({
  ends: new Map(pairs.map(({ old }) => [old.id, halted])),
  expected: new Map(),
  inUse: new Map()
})

/**
 * Disables the old keys, each only while its new key is there and works and it is itself as it was planned. What it spent
 * in the meantime is then taken from the new key's allocation, so that both together could spend what the one had.
 */
export const retire = (task: Replacing, pairs: ReadonlyArray<Pair>) =>
  Effect.gen(function* () {
    const reader = yield* KeyReader
    const dialect = yield* dialectOf(task)
    const ends = new Map<KeyId, Halted | "retired">()
    const inUse = new Map<KeyId, DateTime.Utc>()
    const before = yield* reader.list
    for (const { old, replacement } of pairs) {
      yield* tellStep(old, "disabling")
      const end = yield* disable(old, replacement.id, before, dialect).pipe(
        Effect.as("retired" as const),
        Effect.mapError(haltedBy),
        Effect.catchAll((halted) => Effect.succeed(halted))
      )
      ends.set(old.id, end)
      yield* tellStep(old, end === "retired" ? "disabled" : "left")
      const last = before.keys.find(({ id }) => id === old.id)?.lastUsedAt ?? null
      if (last !== null && DateTime.greaterThan(last, replacement.validatedAt)) inUse.set(old.id, last)
      if (end !== "retired" && end.stop !== null) break
    }
    const retired = pairs.filter(({ old }) => ends.get(old.id) === "retired")
    const after = yield* reader.list
    const expected = new Map<KeyId, Credit>()
    if (task.values.credit === "remaining") {
      for (const { old, replacement } of retired) {
        const fits = yield* settle(task, old, replacement, after, dialect).pipe(
          Effect.mapError(haltedBy),
          Effect.catchAll((halted) => Effect.succeed(halted))
        )
        if (typeof fits === "number") expected.set(old.id, fits)
        else ends.set(old.id, fits)
      }
    }
    return { ends, expected, inUse }
  }).pipe(Effect.mapError(haltedBy), Effect.withSpan("Retire.retire"))

type Listing = Effect.Effect.Success<KeyReader["Type"]["list"]>

const disable = (old: ProxyKey, made: KeyId, { keys, secrets }: Listing, dialect: "static" | "path") =>
  Effect.gen(function* () {
    const now = yield* DateTime.now
    const left = (detail: string) =>
      new Halted({ detail: `${detail}; the old key was left as it is`, stop: null, made })
    const heir = keys.find(({ id }) => id === made)
    const fresh = keys.find(({ id }) => id === old.id)
    const secret = secrets.get(old.id)
    if (heir === undefined || !heir.active || stateAt(heir, now) === "expired") {
      return yield* left(`its new key ${made} ${heir === undefined ? "is gone" : "does not work any more"}`)
    }
    if (fresh === undefined || secret === undefined) return
    if (fresh.active && settingsDigest(fresh) !== settingsDigest(old)) {
      return yield* left("its settings are not those of the plan any more")
    }
    const why = protectionOf(yield* Settings, fresh, now)
    if (why !== null) return yield* left(`protected: ${why}`)
    const target: Target = { id: old.id, secret }
    yield* (
      (yield* KeyWriter)
        .setActive(dialect, target, { active: fresh.active, want: false })
        // Somebody else deleted it meanwhile.
        .pipe(Effect.catchTag("KeyNotFound", () => Effect.void))
    )
  })

/** The allocation that the new key has in the end; lowers it where the old key has spent since. */
const settle = (
  task: Replacing,
  old: ProxyKey,
  { id, secret, wanted }: Replacement,
  { keys }: Listing,
  dialect: "static" | "path"
): Effect.Effect<Credit | Halted, Parameters<typeof haltedBy>[0], KeyWriter> =>
  Effect.gen(function* () {
    const heir = keys.find((key) => key.id === id)
    const last = keys.find((key) => key.id === old.id)
    if (heir === undefined || last === undefined) return wanted.allocated
    const left = Math.min(wanted.allocated, Math.max(last.remaining, heir.used))
    const target = left === 0 ? smallest : fromCredits(left / 1_000_000)
    if (heir.allocated <= target) return heir.allocated
    if (heir.allocated > wanted.allocated) {
      const detail = `somebody has changed what the new key ${id} may spend, so it was not lowered to the ${toCredits(target)} credits that the old one had left`
      return new Halted({ detail, stop: null, made: id })
    }
    // What is not said would be lost: everything is, and the limit type too.
    yield* (yield* KeyWriter).update(
      dialect,
      { id, secret },
      {
        name: heir.name,
        expiresAt: heir.expiresAt,
        allocated: target,
        models: heir.models,
        addresses: heir.addresses,
        limitType: task.values.limitType ?? "daily"
      }
    )
    return target
  })

/** The upstream takes no allocation of nothing. */
const smallest = fromCredits(0.000_001)
