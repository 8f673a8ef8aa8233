import type { AccountId } from "@keysweep/core/Account"
import { constants } from "node:fs"
import { type FileHandle, rename } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Exit, Option, Ref, Scope, Stream } from "effect"
import { checkChain } from "../Chain.ts"
import { envelopeOf, origin, type Tip } from "../LogRecord.ts"
import { type Addition, LogUnavailable, type StoredLog, type StoredTip } from "../LogStore.ts"
import type { FileLock } from "./FileLock.ts"
import { absentAsNone, type FileTrouble, io, makeDir, openFile, readWhole, statOf, syncDir, writeAll } from "./Files.ts"
import { readLines, readSegments, segmentName, segmentsIn } from "./Segments.ts"
import { lastRecord, notesIn, setTornAside, settleNotes } from "./SegmentEnd.ts"

/** An open segment, with what tells whether the file of that name is still the same one. */
interface Segment {
  readonly file: FileHandle
  readonly scope: Scope.CloseableScope
  readonly path: string
  readonly dev: number
  readonly ino: number
}

/** Where the log ended when we last looked. */
interface End extends StoredTip {
  readonly segment: Segment | null
  readonly size: number
  /** Changes whenever anybody adds to the log. */
  readonly headMark: string
}

/** One account's log in one folder: `<first seq>.jsonl` segments, and `head.json`. */
export const openFileLog = (options: {
  readonly dir: string
  readonly account: AccountId
  readonly lock: FileLock
  readonly segmentBytes: number
  readonly fence: StoredLog["fence"]
}): Effect.Effect<StoredLog, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { account, dir, fence, lock, segmentBytes } = options
    const headPath = join(dir, "head.json")
    const draftPath = join(dir, "head.json.new")
    const known = yield* Ref.make<End | null>(null)

    const leave = Effect.flatMap(Ref.getAndSet(known, null), (end) =>
      end?.segment ? Scope.close(end.segment.scope, Exit.void) : Effect.void
    )
    yield* Effect.addFinalizer(() => leave)

    const readHead = Effect.map(readWhole(headPath), (bytes) =>
      Option.getOrNull(Option.map(bytes, (it) => Buffer.from(it).toString("utf8")))
    )
    const headMark = Effect.map(
      absentAsNone(statOf(headPath)),
      Option.match({ onNone: () => "", onSome: (it) => `${it.ino} ${it.mtimeMs} ${it.size}` })
    )

    /** Finds the end of the log from nothing. An unfinished last line is moved aside first. */
    const arrive = Effect.gen(function* () {
      yield* leave
      yield* makeDir(dir)
      const last = (yield* segmentsIn(dir)).at(-1)
      const mark = yield* headMark
      const head = yield* readHead
      if (last === undefined) return { segment: null, size: 0, tip: origin, head, headMark: mark, notes: [] }
      const segment = yield* openSegment(join(dir, last.name), 0)
      const start: End = { segment, size: 0, tip: origin, head, headMark: mark, notes: [] }
      yield* Ref.set(known, start)
      const size = yield* setTornAside(dir, segment)
      return { ...start, size, tip: yield* lastRecord(dir), notes: yield* notesIn(dir) }
    })

    /** Whether the log still ends in the file that we know; and what others have added to it since. */
    const lookAgain = (end: End, segment: Segment): Effect.Effect<End, FileTrouble | LogUnavailable> =>
      Effect.gen(function* () {
        const [stat, mark] = yield* Effect.all([absentAsNone(statOf(segment.path)), headMark], { concurrency: 2 })
        const now = Option.getOrNull(stat)
        if (now === null || now.nlink === 0) return yield* changed(segment, "was removed")
        if (now.ino !== segment.ino || now.dev !== segment.dev) return yield* changed(segment, "was replaced by another file")
        if (now.size < end.size) return yield* changed(segment, "was cut")
        if ((now.mode & 0o200) === 0) return yield* changed(segment, "was made read-only")
        if (now.size === end.size && mark === end.headMark) return end
        // Somebody else has written: it must follow on what we know.
        const later = (yield* segmentsIn(dir)).filter((it) => it.first > end.tip.seq)
        const more = later[0] === undefined ? Stream.empty : readSegments(dir, later[0].first)
        const check = checkChain({ account, start: end.tip })
        const torn = yield* Stream.runFold(Stream.concat(readLines(segment.path, end.size), more), false, (torn, line) =>
          line.torn ? true : (check.next(line.text), torn)
        )
        if (!check.sound()) return yield* changed(segment, "was changed by something that is not Keysweep")
        if (torn || later.length > 0) return yield* arrive
        return { ...end, size: now.size, tip: check.tip(), head: yield* readHead, headMark: mark, notes: yield* notesIn(dir) }
      })

    const write = (end: End, next: Addition) =>
      Effect.gen(function* () {
        const bytes = Buffer.from(`${next.lines.join("\n")}\n`, "utf8")
        const full = end.segment === null || (end.size > 0 && end.size + bytes.length > segmentBytes)
        if (full) yield* leave
        const segment =
          end.segment === null || full
            ? yield* openSegment(join(dir, segmentName(end.tip.seq + 1)), constants.O_CREAT | constants.O_EXCL)
            : end.segment
        // Until all of it is done we do not know where the log ends: whoever comes next looks from the start.
        yield* Ref.set(known, null)
        yield* Effect.gen(function* () {
          yield* writeAll(segment.file, segment.path, bytes)
          yield* Effect.all([io("sync", segment.path, () => segment.file.datasync()), writeDraft(draftPath, next.head)], {
            concurrency: 2,
            discard: true
          })
          if (full) yield* syncDir(dir)
          yield* io("put in place", headPath, () => rename(draftPath, headPath))
        }).pipe(Effect.tapErrorCause(() => Scope.close(segment.scope, Exit.void)))
        const size = (full ? 0 : end.size) + bytes.length
        yield* Ref.set(known, { segment, size, tip: tipOf(next, end.tip), head: next.head, headMark: yield* headMark, notes: [] })
        yield* settleNotes(dir, end.notes)
      })

    const append: StoredLog["append"] = (add) =>
      Effect.acquireUseRelease(
        lock.await,
        () =>
          Effect.gen(function* () {
            const before = yield* Ref.get(known)
            const end = before?.segment ? yield* lookAgain(before, before.segment) : yield* arrive
            yield* Ref.set(known, end)
            yield* write(end, yield* add(end))
          }),
        (generation) => Effect.ignore(lock.release(generation))
      ).pipe(Effect.catchTag("FileTrouble", unavailable))

    return {
      append,
      lines: (from) => Stream.catchAll(readSegments(dir, from), unavailable),
      head: Effect.catchAll(readHead, unavailable),
      fence
    }
  })

export const unavailable = (error: FileTrouble) => new LogUnavailable({ detail: error.detail })

const changed = (segment: Segment, what: string) =>
  new LogUnavailable({ detail: `${segment.path} ${what} while it was in use; look at it with "log verify"` })

const tipOf = (next: Addition, before: Tip): Tip =>
  Option.getOrElse(Option.flatMap(Option.fromNullable(next.lines.at(-1)), envelopeOf), () => before)

const openSegment = (path: string, flags: number): Effect.Effect<Segment, FileTrouble> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    return yield* Effect.gen(function* () {
      const file = yield* Scope.extend(openFile(path, flags | constants.O_RDWR | constants.O_APPEND), scope)
      const { dev, ino } = yield* io("look at", path, () => file.stat())
      return { file, scope, path, dev, ino }
    }).pipe(Effect.tapErrorCause(() => Scope.close(scope, Exit.void)))
  })

const writeDraft = (path: string, text: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* openFile(path, "w")
      yield* writeAll(file, path, Buffer.from(text, "utf8"))
      yield* io("sync", path, () => file.datasync())
    })
  )
