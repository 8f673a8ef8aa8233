import type { AccountId } from "@keysweep/core/Account"
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Option, Queue, Ref, Scope } from "effect"
import { addition, groupSize } from "./LogAddition.ts"
import { type Entry, type LogRecord, origin, type Tip } from "./LogRecord.ts"
import { machineClock } from "./MachineClock.ts"
import { inTurn } from "./Turns.ts"
import { type LogStore, LogUnavailable, type StoredLog, type StoredTip } from "./LogStore.ts"

interface Waiting {
  readonly entry: Entry
  readonly done: Deferred.Deferred<LogRecord, LogUnavailable>
}

interface Handle {
  readonly log: StoredLog
  readonly scope: Scope.CloseableScope
  /** The head that this process wrote last through this handle. */
  readonly head: { text: string | null }
}

export interface Writer {
  readonly write: (entry: Entry) => Effect.Effect<LogRecord, LogUnavailable>
  /** The place of the newest record that a write of ours found at the end and that is not ours; 0: there was none. */
  readonly foreign: Effect.Effect<number>
}

/**
 * Writes entries one group after another: what waits while a write is under way goes out together. Every caller gets
 * an answer within the limit; after any failure the handle is thrown away and the end of the log is read anew.
 */
export const makeWriter = (options: {
  readonly account: AccountId
  readonly store: LogStore["Type"]
  readonly limit: Duration.Duration
}): Effect.Effect<Writer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { account, limit, store } = options
    const queue = yield* Queue.unbounded<Waiting>()
    const handle = yield* Ref.make<Option.Option<Handle>>(Option.none())
    /** The newest record that this process wrote: a log that ends before it is not the one it was. */
    const newest = yield* Ref.make<Tip>(origin)
    const foreign = yield* Ref.make(0)

    const opened = Effect.gen(function* () {
      const known = yield* Ref.get(handle)
      if (Option.isSome(known)) return known.value
      const scope = yield* Scope.make()
      const log = yield* Scope.extend(store.open(account), scope).pipe(
        Effect.onError(() => Scope.close(scope, Exit.void))
      )
      const fresh = { log, scope, head: { text: null } }
      yield* Ref.set(handle, Option.some(fresh))
      return fresh
    })

    /** Forgets the handle at once, and gives what closes it. */
    const forget = Effect.map(
      Ref.getAndSet(handle, Option.none()),
      Option.match({ onNone: () => Effect.void, onSome: (it) => Scope.close(it.scope, Exit.void) })
    )
    const close = Effect.flatten(forget)

    const write = (group: ReadonlyArray<Waiting>, abandoned: Ref.Ref<boolean>) =>
      Effect.gen(function* () {
        const signer = yield* store.signer
        const { head, log } = yield* opened
        const records = yield* Ref.make<ReadonlyArray<LogRecord>>([])
        yield* log.append((found) =>
          Effect.gen(function* () {
            if (yield* Ref.get(abandoned)) return yield* tooSlow(limit)
            const own = yield* Ref.get(newest)
            yield* refuseOlder(own, found)
            if (found.tip.seq > own.seq) yield* Ref.set(foreign, found.tip.seq)
            const entries = group.map((it) => it.entry)
            const next = yield* addition({ account, signer, log, found, trusted: head.text, entries })
            yield* Ref.set(records, next.records)
            const signed = () => (head.text = next.head())
            return { lines: next.lines, tip: next.tip, head: signed }
          })
        )
        const written = yield* Ref.get(records)
        yield* Ref.update(newest, (tip) => written.at(-1) ?? tip)
        return written
      })

    const answer = (group: ReadonlyArray<Waiting>, records: ReadonlyArray<LogRecord>) =>
      Effect.forEach(
        group,
        ({ done }, index) => {
          const record = records[index]
          return record === undefined ? Deferred.fail(done, broken) : Deferred.succeed(done, record)
        },
        { discard: true }
      )

    const refuse = (group: Iterable<Waiting>, error: LogUnavailable) =>
      Effect.forEach(group, ({ done }) => Deferred.fail(done, error), { discard: true })

    /** The write itself cannot be called back, so it runs on its own, and only the waiting for it is ended. */
    const writeWithin = (group: ReadonlyArray<Waiting>) =>
      Effect.gen(function* () {
        const abandoned = yield* Ref.make(false)
        const fiber = yield* Effect.forkDaemon(Effect.interruptible(write(group, abandoned)))
        const exit = yield* endOf(fiber, Duration.toMillis(limit))
        if (exit === "late") {
          // A call of the file system cannot be called back; what would come after it can, and so can waiting for a lock.
          yield* Ref.set(abandoned, true)
          yield* Fiber.interruptFork(fiber)
          yield* Effect.forkDaemon(yield* forget)
          // Whoever came while this hung has waited too.
          return yield* refuse([...group, ...(yield* Queue.takeAll(queue))], tooSlow(limit))
        }
        if (Exit.isSuccess(exit)) return yield* answer(group, exit.value)
        yield* close
        yield* refuse(
          group,
          Option.getOrElse(Cause.failureOption(exit.cause), () => broken)
        )
      })

    const step = Effect.flatMap(Queue.take(queue), (first) =>
      Effect.gen(function* () {
        const others = yield* Queue.takeUpTo(queue, groupSize - 1)
        yield* inTurn(writeWithin([first, ...others]))
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

    return {
      write: (entry) =>
        Effect.gen(function* () {
          const done = yield* Deferred.make<LogRecord, LogUnavailable>()
          yield* Queue.offer(queue, { entry, done })
          return yield* Deferred.await(done)
        }),
      foreign: Ref.get(foreign)
    }
  })

const refuseOlder = (newest: Tip, { head, tip }: StoredTip): Effect.Effect<void, LogUnavailable> =>
  tip.seq < newest.seq || (tip.seq === newest.seq && tip.hash !== newest.hash) || (newest.seq > 0 && head === null)
    ? new LogUnavailable({
        detail: `the log ends at record ${tip.seq}${head === null ? " and has no head" : ""}, but record ${newest.seq} was written to it: it was removed, cut or replaced`
      })
    : Effect.void

/** How a fiber ended, or that it did not within so many milliseconds. */
const endOf = <A, E>(fiber: Fiber.RuntimeFiber<A, E>, millis: number): Effect.Effect<Exit.Exit<A, E> | "late"> =>
  Effect.async((resume) => {
    const timer = setTimeout(() => resume(Effect.succeed("late" as const)), millis)
    fiber.addObserver((exit) => {
      clearTimeout(timer)
      resume(Effect.succeed(exit))
    })
  })

const broken = new LogUnavailable({
  detail: 'a mistake in the program while writing; look at the log with "log verify"'
})

const tooSlow = (limit: Duration.Duration): LogUnavailable =>
  new LogUnavailable({
    detail: `a record could not be made durable within ${Duration.format(limit)}; the disk hangs, or another process holds the log`
  })
