import { link, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Data, Effect, Either, Option, Random, Ref, Schema, type Scope } from "effect"
import { machineClock } from "../MachineClock.ts"
import { absentAsNone, FileTrouble, io, makeDir, namesIn, readWhole, removeFile, syncDir } from "./Files.ts"
import { lifeOf, ProcessMark, randomToken, thisProcess } from "./Process.ts"

/** What a lock file says about its holder. */
export const LockHolder = Schema.Struct({
  ...ProcessMark.fields,
  actor: Schema.String,
  run: Schema.NullOr(Schema.String),
  since: Schema.String,
  token: Schema.String
})
export type LockHolder = typeof LockHolder.Type

/** Somebody else holds the lock. `holder` is `null` where its file cannot be read. */
export class LockHeld extends Data.TaggedError("LockHeld")<{
  readonly generation: number
  readonly holder: LockHolder | null
}> {}

/**
 * A lock between processes, as files `lock.<n>` of one folder. The highest n is the lock; it is taken by linking one's
 * own file to n + 1, which only one can do, and it is never deleted, so no two processes can follow on the same one.
 * It is free when `lock.<n>.released` is there or its holder is dead. n is the fencing number.
 *
 * A lock belongs to whoever called `take`, not to the process: two of one process exclude each other too.
 */
export interface FileLock {
  /** Fails at once with `LockHeld`. */
  readonly take: Effect.Effect<number, LockHeld | FileTrouble>
  /**
   * Runs something under the lock, which it waits for with small jittered pauses; the caller sets the limit. Where
   * nobody else uses the lock it is kept for a few milliseconds more, for whatever comes next.
   */
  readonly hold: <A, E>(use: (generation: number) => Effect.Effect<A, E>) => Effect.Effect<A, E | FileTrouble>
  readonly release: (generation: number) => Effect.Effect<void, FileTrouble>
  /** Whether this generation is still the lock, and not released by somebody else. */
  readonly isCurrent: (generation: number) => Effect.Effect<boolean, FileTrouble>
  /** Who holds it now. */
  readonly holder: Effect.Effect<Option.Option<LockHeld>, FileTrouble>
}

/**
 * How long a lock that nobody else uses is kept after the last use, and from its first use on at most: what the requests
 * of one burst need, and no more than somebody who comes to stop them would notice.
 */
const keepMillis = 30
const keepMostMillis = 300

/** So many old generations stay: a name can be linked a second time only when it was deleted, long after its time. */
const keptGenerations = 8

export const makeFileLock = (
  dir: string,
  who: { readonly actor: string; readonly run: string | null; readonly since: string }
): Effect.Effect<FileLock, FileTrouble, Scope.Scope> =>
  Effect.gen(function* () {
    const here = yield* thisProcess
    const token = yield* randomToken
    const card = join(dir, `card.${here.pid}.${token}`)
    const made = yield* Ref.make(false)
    /** The generation that is free for all we know: worth trying to follow on it without looking. */
    const free = yield* Ref.make<number | null>(null)
    /** Whether nobody else has a card in the folder. */
    const alone = yield* Ref.make(false)
    const kept = yield* Ref.make<Kept | null>(null)
    const busy = yield* Effect.makeSemaphore(1)
    yield* Effect.addFinalizer(() => Effect.whenEffect(Effect.ignore(removeFile(card)), Ref.get(made)))

    const generation = (n: number) => join(dir, `lock.${n}`)
    const released = (n: number) => join(dir, `lock.${n}.released`)

    const makeCard = Effect.gen(function* () {
      yield* makeDir(dir)
      const text = JSON.stringify({ ...here, ...who, token })
      yield* io("write", card, () => writeFile(card, text, { flag: "wx", mode: 0o600 }))
      yield* Ref.set(made, true)
    }).pipe(Effect.unlessEffect(Ref.get(made)))

    const look = Effect.map(namesIn(dir), (names) => {
      const all = names.flatMap(generationOf)
      return { top: Math.max(0, ...all.map((it) => it.n)), all, names }
    })

    /** Free, or who is in the way. */
    const state = Effect.gen(function* () {
      const { all, top } = yield* look
      if (top === 0 || all.some((it) => it.n === top && it.released)) return { top, held: Option.none<LockHeld>() }
      const holder = yield* readCard(generation(top))
      const dead = Option.exists(holder, (it) => lifeOf(it, here) === "dead")
      const held = new LockHeld({ generation: top, holder: Option.getOrNull(holder) })
      return { top, held: dead ? Option.none() : Option.some(held) }
    })

    /** Links the next generation; `false` if somebody was quicker or the look was too old. */
    const claim = (n: number) =>
      Effect.gen(function* () {
        const linked = yield* io("lock", generation(n), () => link(card, generation(n))).pipe(
          Effect.as(true),
          Effect.catchAll((error) => (error.code === "EEXIST" ? Effect.succeed(false) : Effect.fail(error)))
        )
        if (!linked) return false
        const { all, names, top } = yield* look
        const lost = top !== n || all.some((it) => it.n === n && it.released)
        if (lost) yield* Effect.ignore(removeFile(generation(n)))
        else yield* clean(all, names, n)
        yield* Ref.set(
          alone,
          names.every((name) => !name.startsWith("card.") || join(dir, name) === card)
        )
        return !lost
      })

    const removeCardOfDead = (name: string) =>
      Effect.flatMap(readCard(join(dir, name)), (holder) =>
        Option.exists(holder, (it) => lifeOf(it, here) === "dead") ? removeFile(join(dir, name)) : Effect.void
      )

    const clean = (all: ReadonlyArray<Generation>, names: ReadonlyArray<string>, mine: number) => {
      const old = all.filter((it) => it.n < mine - keptGenerations)
      if (old.length < 2 * keptGenerations) return Effect.void
      const cards = names.filter((name) => name.startsWith("card."))
      return Effect.zipRight(
        Effect.forEach(old, (it) => Effect.ignore(removeFile(join(dir, it.name))), { discard: true }),
        Effect.forEach(cards, (name) => Effect.ignore(removeCardOfDead(name)), { discard: true })
      )
    }

    const take: FileLock["take"] = Effect.gen(function* () {
      yield* makeCard
      const last = yield* Ref.getAndSet(free, null)
      if (last !== null && (yield* claim(last + 1))) return last + 1
      for (;;) {
        const { held, top } = yield* state
        if (Option.isSome(held)) return yield* held.value
        if (yield* claim(top + 1)) return top + 1
      }
    }).pipe(Effect.uninterruptible)

    const pause = Effect.flatMap(Random.nextIntBetween(1, 6), (ms) => Effect.sleep(ms)).pipe(
      Effect.withClock(machineClock)
    )

    /** Only the pauses can be interrupted: a lock that was taken and forgotten would stay for as long as we live. */
    const wait: Effect.Effect<number, FileTrouble> = Effect.catchTag(take, "LockHeld", () =>
      Effect.zipRight(
        Effect.interruptible(pause),
        Effect.suspend(() => wait)
      )
    ).pipe(Effect.uninterruptible)

    const release = (n: number) =>
      io("release", released(n), () => link(card, released(n))).pipe(
        Effect.catchAll((error) =>
          // No space for a further name: the same said by the name that is there.
          error.code === "EEXIST" ? Effect.void : io("release", generation(n), () => rename(generation(n), released(n)))
        ),
        Effect.zipRight(Ref.set(free, n))
      )

    const letGo = Effect.flatMap(Ref.getAndSet(kept, null), (it) =>
      it === null ? Effect.void : Effect.ignore(release(it.generation))
    )
    yield* Effect.addFinalizer(() => busy.withPermits(1)(letGo))

    /** Lets go when nothing came for a while; one fiber looks after it, however many uses there are. */
    const watched = yield* Ref.make(false)
    const watch = (seen: Kept): Effect.Effect<void> =>
      Effect.gen(function* () {
        yield* Effect.sleep(keepMillis)
        // Nobody uses the lock while we decide, so nobody can rely on us to go on.
        const now = yield* Effect.flatMap(Ref.get(kept), (it) =>
          it === null || it === seen
            ? Effect.as(Effect.zipRight(Ref.set(watched, false), letGo), null)
            : Effect.succeed(it)
        ).pipe(busy.withPermits(1))
        if (now !== null) yield* watch(now)
      })
    const keep = (mark: Kept) =>
      Effect.zipRight(
        Ref.set(kept, mark),
        Effect.unlessEffect(
          Effect.forkDaemon(Effect.withClock(watch(mark), machineClock)),
          Ref.getAndSet(watched, true)
        )
      )

    const hold: FileLock["hold"] = (use) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const mine = yield* Ref.getAndSet(kept, null)
          const n = mine?.generation ?? (yield* wait)
          const since = mine?.since ?? (yield* steadyMillis)
          return yield* Effect.ensuring(
            restore(use(n)),
            Effect.gen(function* () {
              const held = (yield* steadyMillis) - since
              if (held >= keepMostMillis || !(yield* Ref.get(alone))) return yield* Effect.ignore(release(n))
              yield* keep({ generation: n, since })
            })
          )
        })
      ).pipe(busy.withPermits(1))

    const isCurrent = (n: number) =>
      Effect.map(look, ({ all, top }) => top === n && !all.some((it) => it.n === n && it.released))

    return { take, hold, release, isCurrent, holder: Effect.map(state, (it) => it.held) }
  })

/** Ends a lock that is not ours, by its number. */
export const endLock = (dir: string, n: number): Effect.Effect<void, FileTrouble> =>
  Effect.gen(function* () {
    const [from, to] = [join(dir, `lock.${n}`), join(dir, `lock.${n}.released`)]
    yield* absentAsNone(io("release", to, () => link(from, to))).pipe(
      Effect.catchAll((error) => (error.code === "EEXIST" ? Effect.void : Effect.fail(error)))
    )
    yield* syncDir(dir)
  })

const steadyMillis = Effect.map(machineClock.currentTimeNanos, (nanos) => Number(nanos) / 1_000_000)

const readCard = (path: string) =>
  Effect.map(
    readWhole(path),
    Option.flatMap((bytes) => Either.getRight(decodeHolder(Buffer.from(bytes).toString("utf8"))))
  )

interface Kept {
  readonly generation: number
  /** Milliseconds of a clock that nobody sets. */
  readonly since: number
}

interface Generation {
  readonly n: number
  readonly released: boolean
  readonly name: string
}

const generationOf = (name: string): ReadonlyArray<Generation> => {
  const match = /^lock\.([1-9]\d{0,14})(\.released)?$/.exec(name)
  return match === null ? [] : [{ n: Number(match[1]), released: match[2] !== undefined, name }]
}

const decodeHolder = Schema.decodeUnknownEither(Schema.parseJson(LockHolder))
