import { BulkDelete } from "@keysweep/core/BulkDelete"
import type { Dialect } from "@keysweep/core/Dialect"
import { KeyReader } from "@keysweep/core/KeyReader"
import { KeyWriter, type Target, type WriteError } from "@keysweep/core/KeyWriter"
import { Pacer } from "@keysweep/core/Pacer"
import { hasSettings, type NewSettings } from "@keysweep/core/KeySettings"
import type { KeyId, ProxyKey } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Ref } from "effect"
import type { Action } from "./Action.ts"
import { changesOf } from "./Contain.ts"
import { Progress } from "./Progress.ts"
import type { Attempt, Stop } from "./Proof.ts"
import { stopOf } from "./SweepError.ts"

export interface Work {
  readonly action: Action
  readonly dialect: Dialect
  /** When the keys were as `fresh` says. */
  readonly readAt: DateTime.Utc
  readonly keys: ReadonlyArray<{
    /** `becomes`: the settings that it is to have, where the action changes settings. */
    readonly planned: { readonly id: KeyId; readonly name: string; readonly becomes?: NewSettings | null }
    readonly fresh: ProxyKey
    readonly target: Target
  }>
}

export interface Acted {
  readonly attempts: ReadonlyMap<KeyId, Attempt>
  readonly stop: Stop | null
}

/** Requests under way at once: hides the latency of the network within a burst; the pacer decides how many may go. */
export const atOnce = 4

/**
 * One request a key. A refused credential, a full log, a deadline or a stop ends the run before the next key; requests
 * under way are finished and recorded.
 */
export const each = (work: Work): Effect.Effect<Acted, never, KeyReader | KeyWriter | Pacer | Progress> =>
  Effect.gen(function* () {
    const reader = yield* KeyReader
    const writer = yield* KeyWriter
    const pacer = yield* Pacer
    const progress = yield* Progress
    const stop = yield* Ref.make<Stop | null>(null)
    const attempts = yield* Ref.make<ReadonlyMap<KeyId, Attempt>>(new Map())
    const routeSeen = yield* Ref.make(false)
    const looking = yield* Effect.makeSemaphore(1)

    /** The first reason to stop is the one that counts. */
    const end = (reason: Stop | null) => Ref.update(stop, (earlier) => earlier ?? reason)

    // An update replaces everything, so what somebody has changed since the reading would be lost, and might be wider.
    const update = (target: Target, fresh: ProxyKey, becomes: NewSettings) =>
      Effect.gen(function* () {
        const age = DateTime.distance(work.readAt, yield* DateTime.now)
        if (age > longestUnseen) {
          const { key } = yield* reader.lookup(work.dialect, target.secret)
          if (key.name !== fresh.name || !hasSettings(key, fresh)) {
            const detail = `somebody has changed it during the run: ${changesOf(fresh, key).join("; ") || "its name"}`
            return { result: "refused", detail } as const
          }
        }
        yield* writer.update(work.dialect, target, { name: fresh.name, ...becomes })
        return acted
      })

    const act = ({ fresh, planned, target }: Work["keys"][number]): Effect.Effect<Attempt, WriteError> => {
      switch (work.action) {
        case "delete":
        case "delete-all":
          return Effect.map(writer.remove(work.dialect, target), (how) => (how === "removed" ? acted : gone))
        case "contain":
        case "release":
          return planned.becomes === undefined || planned.becomes === null
            ? Effect.succeed({ result: "not sent", detail: "the plan does not say what it becomes" })
            : Effect.catchTag(update(target, fresh, planned.becomes), "KeyNotFound", () => Effect.succeed(gone))
        case "disable":
        case "enable": {
          const want = work.action === "enable"
          return writer.setActive(work.dialect, target, { active: fresh.active, want }).pipe(
            Effect.as(acted),
            // Somebody else deleted it meanwhile: that is this key's own, and the others still wait for us.
            Effect.catchTag("KeyNotFound", () => Effect.succeed(gone))
          )
        }
      }
    }

    // A missing route answers 404 like a missing key. The first 404 is looked into, so that a run against a server of
    // the other dialect ends after those that were under way, not after all of them. One looks, the others wait for it.
    const checkRoute = (id: KeyId) =>
      Effect.gen(function* () {
        if ((yield* Ref.get(routeSeen)) || (yield* Ref.get(stop)) !== null) return
        const listing = yield* reader.list
        if (listing.secrets.has(id)) yield* end(routeMissing)
        else yield* Ref.set(routeSeen, true)
      }).pipe(
        Effect.catchAll((error) => end(stopOf(error))),
        looking.withPermits(1)
      )

    // Nobody looks at it more often, and each estimate reads the pacer's state.
    const left = yield* Ref.get(attempts).pipe(
      Effect.flatMap((all) => pacer.estimate(work.keys.length - all.size + 1)),
      Effect.orElseSucceed(() => 0),
      Effect.cachedWithTTL("250 millis")
    )

    yield* Effect.forEach(
      work.keys,
      (it) =>
        Effect.gen(function* () {
          const { planned } = it
          // Once it is known that nothing more is sent, nobody waits for room.
          const stopped = (yield* Ref.get(stop)) ?? (yield* Effect.zipRight(pacer.room, Ref.get(stop)))
          const attempt: Attempt =
            stopped === null
              ? yield* act(it).pipe(Effect.catchAll((error) => Effect.as(end(stopsRun(error)), attemptOf(error))))
              : { result: "not sent", detail: stopped.detail }
          yield* Ref.update(attempts, (all) => new Map(all).set(planned.id, attempt))
          if (stopped !== null) return
          if (attempt.result === "gone") yield* checkRoute(planned.id)
          const count = (yield* Ref.get(attempts)).size
          const leftMillis = yield* left
          yield* progress.report({
            _tag: "Key",
            id: planned.id,
            name: planned.name,
            detail: attempt.result === "acted" ? "sent" : attempt.result,
            count,
            total: work.keys.length,
            leftMillis
          })
        }),
      { concurrency: atOnce, discard: true }
    )
    return { attempts: yield* Ref.get(attempts), stop: yield* Ref.get(stop) }
  }).pipe(Effect.withSpan("Acting.each"))

/**
 * The one request that deletes every key. With both slots in hand it reads the account again, and sends the second
 * request only if every key listed is planned. What remains is the time between the two: a key created in it dies too.
 * A panic does not look: its plan is every key at the time of the call.
 */
export const bulk = (
  work: { readonly dialect: Dialect; readonly ids: ReadonlyArray<KeyId> },
  look: "first" | "never"
): Effect.Effect<Acted, never, KeyReader | BulkDelete | Pacer> =>
  Effect.gen(function* () {
    const reader = yield* KeyReader
    const bulkDelete = yield* BulkDelete
    const pacer = yield* Pacer
    const { ids } = work
    const all = (attempt: Attempt, stop: Stop | null): Acted => ({
      attempts: new Map(ids.map((id) => [id, attempt] as const)),
      stop
    })
    const send = bulkDelete.deleteAll(work.dialect, ids)
    const told = (sent: typeof send) =>
      sent.pipe(
        Effect.as(all({ result: "acted" }, null)),
        Effect.catchAll((error) => Effect.succeed(all(attemptOf(error), stopOf(error))))
      )
    const deleteAll = told(send)
    // Refused for the rate limit, it has done nothing, and a panic means every key at the time of the call: it goes as
    // soon as it may, because a neighbour who locks the account out must not be what saves his key.
    const afterLockOut = told(Effect.retry(send, { while: (error) => error._tag === "RateLimited", times: lockOuts }))
    if (look === "never") return yield* afterLockOut
    const readThenDelete = Effect.gen(function* () {
      const listing = yield* reader.list
      const unplanned = listing.keys.filter((key) => !ids.includes(key.id)).length + listing.unreadable.length
      if (unplanned > 0) {
        const detail = `${unplanned} keys of the account are not in the plan; nothing was deleted. Make a new plan.`
        return all({ result: "not sent", detail }, { outcome: "stale", detail })
      }
      return yield* deleteAll
    })
    return yield* pacer
      .together(2, readThenDelete)
      .pipe(
        Effect.catchAll((error) => Effect.succeed(all({ result: "not sent", detail: error.message }, stopOf(error))))
      )
  }).pipe(Effect.withSpan("Acting.bulk"))

const acted: Attempt = { result: "acted" }
const gone: Attempt = { result: "gone" }

/** Milliseconds: a reading that is older is not gone by where an update would replace what changed since. */
const longestUnseen = 60_000

/** How often a panic waits for a lock-out of the account to end. */
const lockOuts = 20

const attemptOf = (error: WriteError): Attempt => {
  switch (error._tag) {
    case "ApiUnavailable":
    case "UnexpectedResponse":
      return { result: "doubt", detail: error.message }
    case "JournalUnavailable":
      return error.sent ? { result: "doubt", detail: error.message } : { result: "not sent", detail: error.message }
    case "RunStopped":
      return { result: error.stops === "call" ? "held" : "not sent", detail: error.message }
    case "DeadlineReached":
    case "PacerStoreUnavailable":
      return { result: "not sent", detail: error.message }
    case "Unauthorized":
    case "Forbidden":
    case "KeyNotFound":
    case "RouteMissing":
    case "InvalidRequest":
    case "RateLimited":
      return { result: "refused", detail: error.message }
  }
}

/** Which failures of one key end the whole run; the others are that key's own. */
const stopsRun = (error: WriteError): Stop | null => {
  switch (error._tag) {
    case "InvalidRequest":
    case "UnexpectedResponse":
    case "ApiUnavailable":
      return null
    case "RunStopped":
      return error.stops === "call" ? null : stopOf(error)
    default:
      return stopOf(error)
  }
}

const routeMissing: Stop = {
  outcome: "failed",
  detail:
    "The upstream says 404 for a key that it lists: it has no such route. Set the dialect to auto, forget what is remembered of the account, and plan again."
}
