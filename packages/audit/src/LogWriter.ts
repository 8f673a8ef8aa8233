import type { AccountId } from "@keysweep/core/Account"
import { Array, Cause, Deferred, Duration, Effect, Either, Exit, Fiber, Option, Queue, Ref, Scope } from "effect"
import { addition, groupSize } from "./LogAddition.ts"
import { decodeLine, type Entry, envelopeOf, type LogRecord, origin, type Tip } from "./LogRecord.ts"
import { machineClock } from "./MachineClock.ts"
import { type LogStore, LogUnavailable, type StoredLog, type StoredTip } from "./LogStore.ts"

interface Waiting {
  readonly entry: Entry
  readonly done: Deferred.Deferred<LogRecord, LogUnavailable>
}

interface Handle {
  readonly log: StoredLog
  readonly scope: Scope.CloseableScope
  /** The head that this process wrote last through this handle. */
  readonly head: Ref.Ref<string | null>
}

/**
 * Writes entries one group after another: what waits while a write is under way goes out together. Every caller gets
 * an answer within the limit; after any failure the handle is thrown away and the end of the log is read anew.
 */
export const makeWriter = (options: {
  readonly account: AccountId
  readonly store: LogStore["Type"]
  readonly limit: Duration.Duration
}): Effect.Effect<(entry: Entry) => Effect.Effect<LogRecord, LogUnavailable>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { account, limit, store } = options
    const queue = yield* Queue.unbounded<Waiting>()
    const handle = yield* Ref.make<Option.Option<Handle>>(Option.none())
    /** The newest record that this process wrote: a log that ends before it is not the one it was. */
    const newest = yield* Ref.make<Tip>(origin)

    const opened = Effect.gen(function* () {
      const known = yield* Ref.get(handle)
      if (Option.isSome(known)) return known.value
      const scope = yield* Scope.make()
      const log = yield* Scope.extend(store.open(account), scope).pipe(
        Effect.tapErrorCause(() => Scope.close(scope, Exit.void))
      )
      const fresh = { log, scope, head: yield* Ref.make<string | null>(null) }
      yield* Ref.set(handle, Option.some(fresh))
      return fresh
    })

    const close = Ref.getAndSet(handle, Option.none()).pipe(
      Effect.flatMap(Option.match({ onNone: () => Effect.void, onSome: (it) => Scope.close(it.scope, Exit.void) }))
    )

    const write = (group: ReadonlyArray<Waiting>, abandoned: Ref.Ref<boolean>) =>
      Effect.gen(function* () {
        const signer = yield* store.signer
        const { head, log } = yield* opened
        const asked = yield* Ref.make<ReadonlyArray<string>>([])
        yield* log.append((found) =>
          Effect.gen(function* () {
            if (yield* Ref.get(abandoned)) return yield* tooSlow(limit)
            yield* refuseOlder(yield* Ref.get(newest), found)
            const trusted = yield* Ref.get(head)
            const entries = group.map((it) => it.entry)
            const next = yield* addition({ account, signer, log, found, trusted, entries })
            yield* Ref.set(asked, next.asked)
            yield* Ref.set(head, next.head)
            return next
          })
        )
        const lines = yield* Ref.get(asked)
        yield* Ref.update(newest, (tip) => Option.getOrElse(Option.flatMap(Array.last(lines), envelopeOf), () => tip))
        return lines
      })

    const answer = (group: ReadonlyArray<Waiting>, lines: ReadonlyArray<string>) =>
      Effect.forEach(group, ({ done }, index) => Deferred.complete(done, recordOf(lines[index] ?? "")), { discard: true })

    const refuse = (group: Iterable<Waiting>, error: LogUnavailable) =>
      Effect.forEach(group, ({ done }) => Deferred.fail(done, error), { discard: true })

    /** The write itself cannot be called back, so it runs on its own, and only the waiting for it is ended. */
    const writeWithin = (group: ReadonlyArray<Waiting>) =>
      Effect.gen(function* () {
        const abandoned = yield* Ref.make(false)
        const fiber = yield* Effect.forkDaemon(Effect.sandbox(write(group, abandoned)))
        const lines = yield* Effect.interruptible(Fiber.join(fiber)).pipe(
          Effect.mapError((cause) => Option.getOrElse(Cause.failureOption(cause), () => broken)),
          Effect.timeoutFail({ duration: limit, onTimeout: () => "timeout" as const }),
          Effect.tapError((error) => Effect.when(Ref.set(abandoned, true), () => error === "timeout"))
        )
        yield* answer(group, lines)
      }).pipe(
        Effect.catchAll((error) =>
          error === "timeout"
            ? // Whoever came while this hung has waited too; what hung is closed in its own time.
              Effect.forkDaemon(close).pipe(
                Effect.zipRight(Queue.takeAll(queue)),
                Effect.flatMap((late) => refuse([...group, ...late], tooSlow(limit)))
              )
            : Effect.zipRight(close, refuse(group, error))
        )
      )

    const step = Effect.flatMap(Queue.take(queue), (first) =>
      Effect.gen(function* () {
        const others = yield* Queue.takeUpTo(queue, groupSize - 1)
        yield* writeWithin([first, ...others])
      }).pipe(Effect.uninterruptible)
    )

    yield* Effect.addFinalizer(() =>
      Queue.takeAll(queue).pipe(
        Effect.flatMap((left) => refuse(left, new LogUnavailable({ detail: "the program is ending" }))),
        Effect.zipRight(Queue.shutdown(queue)),
        Effect.zipRight(close)
      )
    )
    yield* Effect.forkScoped(Effect.forever(step)).pipe(Effect.withClock(machineClock))

    return (entry) =>
      Effect.gen(function* () {
        const done = yield* Deferred.make<LogRecord, LogUnavailable>()
        yield* Queue.offer(queue, { entry, done })
        return yield* Deferred.await(done)
      })
  })

const refuseOlder = (newest: Tip, { head, tip }: StoredTip): Effect.Effect<void, LogUnavailable> =>
  tip.seq < newest.seq || (tip.seq === newest.seq && tip.hash !== newest.hash) || (newest.seq > 0 && head === null)
    ? new LogUnavailable({
        detail: `the log ends at record ${tip.seq}${head === null ? " and has no head" : ""}, but record ${newest.seq} was written to it: it was removed, cut or replaced`
      })
    : Effect.void

const recordOf = (line: string): Effect.Effect<LogRecord, LogUnavailable> =>
  Either.mapLeft(decodeLine(line), (detail) => new LogUnavailable({ detail }))

const broken = new LogUnavailable({ detail: "a mistake in the program while writing; look at the log with \"log verify\"" })

const tooSlow = (limit: Duration.Duration): LogUnavailable =>
  new LogUnavailable({
    detail: `a record could not be made durable within ${Duration.format(limit)}; the disk hangs, or another process holds the log`
  })
