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
  /** Waits with small jittered pauses; the caller sets the limit. */
  readonly await: Effect.Effect<number, FileTrouble>
  readonly release: (generation: number) => Effect.Effect<void, FileTrouble>
  /** Whether this generation is still the lock, and not released by somebody else. */
  readonly isCurrent: (generation: number) => Effect.Effect<boolean, FileTrouble>
  /** Who holds it now. */
  readonly holder: Effect.Effect<Option.Option<LockHeld>, FileTrouble>
}

/** So many old generations stay: a name can be linked a second time only when it was deleted, long after its time. */
const kept = 8

export const makeFileLock = (
  dir: string,
  who: { readonly actor: string; readonly run: string | null; readonly since: string }
): Effect.Effect<FileLock, FileTrouble, Scope.Scope> =>
  Effect.gen(function* () {
    const here = yield* thisProcess
    const token = yield* randomToken
    const card = join(dir, `card.${here.pid}.${token}`)
    const made = yield* Ref.make(false)
    /** The highest generation that was seen: worth trying the next one without looking again. */
    const seen = yield* Ref.make(0)
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
      return { top: Math.max(0, ...all.map((it) => it.n)), all }
    })

    const readHolder = (n: number) =>
      Effect.map(readWhole(generation(n)), Option.flatMap((bytes) => Either.getRight(decodeHolder(Buffer.from(bytes).toString("utf8")))))

    /** Free, or who is in the way. */
    const state = Effect.gen(function* () {
      const { all, top } = yield* look
      if (top === 0 || all.some((it) => it.n === top && it.released)) return { top, held: Option.none<LockHeld>() }
      const holder = yield* readHolder(top)
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
        const { all, top } = yield* look
        const lost = top !== n || all.some((it) => it.n === n && it.released)
        yield* Ref.set(seen, top)
        if (lost) yield* Effect.ignore(removeFile(generation(n)))
        else yield* clean(all, n)
        return !lost
      })

    const clean = (all: ReadonlyArray<Generation>, mine: number) => {
      const old = all.filter((it) => it.n < mine - kept)
      return old.length < 2 * kept ? Effect.void : Effect.forEach(old, (it) => Effect.ignore(removeFile(join(dir, it.name))), { discard: true })
    }

    const take: FileLock["take"] = Effect.gen(function* () {
      yield* makeCard
      for (;;) {
        const { held, top } = yield* state
        if (Option.isSome(held)) return yield* held.value
        if (yield* claim(top + 1)) return top + 1
      }
    }).pipe(Effect.uninterruptible)

    const pause = Effect.flatMap(Random.nextIntBetween(1, 6), (ms) => Effect.sleep(ms)).pipe(Effect.withClock(machineClock))

    const wait: FileLock["await"] = Effect.catchTag(take, "LockHeld", () => Effect.zipRight(pause, Effect.suspend(() => wait)))

    const release = (n: number) =>
      io("release", released(n), () => link(card, released(n))).pipe(
        Effect.catchAll((error) =>
          // No space for a further name: the same said by the name that is there.
          error.code === "EEXIST" ? Effect.void : io("release", generation(n), () => rename(generation(n), released(n)))
        )
      )

    const isCurrent = (n: number) =>
      Effect.map(look, ({ all, top }) => top === n && !all.some((it) => it.n === n && it.released))

    return { take, await: wait, release, isCurrent, holder: Effect.map(state, (it) => it.held) }
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
