import type { AccountId } from "@keysweep/core/Account"
import { constants } from "node:fs"
import { type FileHandle, stat } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Exit, Option, Ref, Scope, Stream } from "effect"
import { checkChain } from "../Chain.ts"
import { origin } from "../LogRecord.ts"
import { type Addition, LogUnavailable, type StoredLog, type StoredTip } from "../LogStore.ts"
import type { FileLock } from "./FileLock.ts"
import { absentAsNone, createFile, FileTrouble, io, makeDir, openFile, readWhole, syncDir } from "./Files.ts"
import { readLines, readSegments, segmentName, segmentsIn } from "./Segments.ts"
import { lastRecord, notesIn, setTornAside, settleNotes } from "./SegmentEnd.ts"

/** An open file, with what tells whether the file of that name is still the same one. */
interface Opened {
  readonly file: FileHandle
  readonly path: string
  readonly dev: number
  readonly ino: number
}

/** Where the log ended when we last looked. */
interface End extends StoredTip {
  /** Closes the files below. */
  readonly scope: Scope.CloseableScope
  readonly segment: Opened | null
  readonly size: number
  readonly headFile: Opened | null
  /** The append lock under which we looked: if ours is the very next one, nobody has been here. */
  readonly generation: number
}

/**
 * One account's log in one folder: `<first seq>.jsonl` segments, and `head.json`.
 *
 * An addition is one write and one data sync of the segment, then one write of the head in place (it fits into one
 * sector, so it is there as a whole or not at all). The head is synced together with the next addition: it is never
 * ahead of the log, and behind it by two additions at most, one of them only after a loss of power.
 */
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
    const known = yield* Ref.make<End | null>(null)

    const leave = Effect.flatMap(Ref.getAndSet(known, null), (end) =>
      end === null ? Effect.void : Scope.close(end.scope, Exit.void)
    )
    yield* Effect.addFinalizer(() => Effect.zipRight(settleHead(known), leave))

    const readHead = Effect.map(readWhole(headPath), (bytes) =>
      Option.getOrNull(Option.map(bytes, (it) => Buffer.from(it).toString("utf8").trimEnd()))
    )

    /** Finds the end of the log from nothing. An unfinished last line is moved aside first. */
    const arrive = (generation: number): Effect.Effect<End, FileTrouble | LogUnavailable> =>
      Effect.gen(function* () {
        yield* leave
        yield* makeDir(dir)
        const scope = yield* Scope.make()
        return yield* Effect.gen(function* () {
          const last = (yield* segmentsIn(dir)).at(-1)
          const headFile = yield* openHead(headPath, scope)
          const nothing: End = {
            scope,
            segment: null,
            size: 0,
            headFile,
            generation,
            tip: origin,
            head: yield* readHead,
            notes: []
          }
          if (last === undefined) return nothing
          const segment = yield* openMarked(join(dir, last.name), forLines, scope)
          const size = yield* setTornAside(dir, segment)
          return { ...nothing, segment, size, tip: yield* lastRecord(dir), notes: yield* notesIn(dir) }
        }).pipe(Effect.onError(() => Scope.close(scope, Exit.void)))
      })

    /** Whether the log still ends in the file that we know; and what others have added to it since. */
    const lookAgain = (
      end: End,
      segment: Opened,
      generation: number
    ): Effect.Effect<End, FileTrouble | LogUnavailable> =>
      Effect.gen(function* () {
        const size = yield* sizeOfBoth(segment, end.headFile)
        if (size < end.size) return yield* changed(segment, "was cut")
        if (generation === end.generation || generation === end.generation + 1) {
          return size === end.size ? { ...end, generation } : yield* changed(segment, foreign)
        }
        // Somebody else was here: what was written must follow on what we know.
        const later = (yield* segmentsIn(dir)).filter((it) => it.first > end.tip.seq)
        const more = later[0] === undefined ? Stream.empty : readSegments(dir, later[0].first)
        const check = checkChain({ account, start: end.tip })
        const torn = yield* Stream.runFold(
          Stream.concat(readLines(segment.path, end.size), more),
          false,
          (seen, line) => {
            if (!line.torn) check.next(line.text)
            return seen || line.torn
          }
        )
        if (!check.sound()) return yield* changed(segment, foreign)
        if (torn || later.length > 0 || end.headFile === null) return yield* arrive(generation)
        return { ...end, generation, size, tip: check.tip(), head: yield* readHead, notes: yield* notesIn(dir) }
      })

    const write = (end: End, next: Addition) =>
      Effect.gen(function* () {
        const bytes = Buffer.from(`${next.lines.join("\n")}\n`, "utf8")
        const full = end.size > 0 && end.size + bytes.length > segmentBytes
        const segment =
          end.segment === null || full
            ? yield* openMarked(join(dir, segmentName(end.tip.seq + 1)), newSegment, end.scope)
            : end.segment
        const fresh = segment !== end.segment
        // The head is signed and the one before it synced while the lines are on their way.
        const head = yield* writeLines(segment, bytes, end.headFile, () =>
          Buffer.from(`${next.head().padEnd(headBytes - 1)}\n`, "utf8")
        )
        if (fresh) yield* syncDir(dir)
        if (end.headFile === null) yield* createFile(headPath, head)
        else yield* writeAt(end.headFile, head)
        yield* settleNotes(dir, end.notes)
        const headFile = end.headFile ?? (yield* openHead(headPath, end.scope))
        return {
          ...end,
          segment,
          size: (full ? 0 : end.size) + bytes.length,
          headFile,
          tip: next.tip,
          head: head.toString("utf8").trimEnd(),
          notes: []
        }
      })

    const append: StoredLog["append"] = (add) =>
      lock
        .hold((generation) =>
          Effect.gen(function* () {
            const before = yield* Ref.get(known)
            const end = before?.segment
              ? yield* lookAgain(before, before.segment, generation)
              : yield* arrive(generation)
            yield* Ref.set(known, end)
            const after = yield* write(end, yield* add(end))
            // A full segment is let go with its file; the next append arrives in the new one.
            yield* end.segment === null || after.segment === end.segment ? Ref.set(known, after) : leave
            // However it fails, we no longer know where the log ends: whoever comes next looks from the start.
          }).pipe(Effect.onError(() => leave))
        )
        .pipe(Effect.catchTag("FileTrouble", unavailable))

    return {
      append,
      lines: (from) => Stream.catchAll(readSegments(dir, from), unavailable),
      head: Effect.catchAll(readHead, unavailable),
      fence
    }
  })

export const unavailable = (error: FileTrouble) => new LogUnavailable({ detail: error.detail })

const changed = (segment: Opened, what: string) =>
  new LogUnavailable({ detail: `${segment.path} ${what} while it was in use; look at it with "log verify"` })

const foreign = "was changed by something that is not Keysweep"

/** The size of the segment, if it and the head are still the files that we opened and may be written. */
const sizeOfBoth = (segment: Opened, head: Opened | null): Effect.Effect<number, FileTrouble | LogUnavailable> =>
  io("look at", segment.path, () => Promise.all([stat(segment.path), head === null ? null : stat(head.path)])).pipe(
    absentAsNone,
    Effect.flatMap((both) => {
      if (Option.isNone(both)) return changed(segment, "was removed, or its head was,")
      const [now, headNow] = both.value
      for (const [opened, it] of [
        [segment, now],
        [head, headNow]
      ] as const) {
        if (opened === null || it === null) continue
        if (it.nlink === 0) return changed(opened, "was removed")
        if (it.ino !== opened.ino || it.dev !== opened.dev) return changed(opened, "was replaced by another file")
        if ((it.mode & 0o200) === 0) return changed(opened, "was made read-only")
      }
      return Effect.succeed(now.size)
    })
  )

/**
 * Durable when it returns: one write, synced by the same call where the system has that, by a second call elsewhere.
 * What `meanwhile` makes is made while the disk works.
 */
const writeLines = <A>(
  segment: Opened,
  bytes: Uint8Array,
  head: Opened | null,
  meanwhile: () => A
): Effect.Effect<A, FileTrouble> =>
  Effect.flatMap(
    io("write", segment.path, () => {
      const written = segment.file
        .write(bytes)
        .then((it) => (dataSync === 0 ? segment.file.datasync().then(() => it) : it))
      const synced = head === null ? null : head.file.datasync()
      const made = Promise.resolve().then(meanwhile)
      return Promise.all([written, made, synced])
    }),
    ([{ bytesWritten }, made]) =>
      bytesWritten === bytes.length
        ? Effect.succeed(made)
        : Effect.fail(new FileTrouble({ doing: "write", path: segment.path, code: "ENOSPC" }))
  )

/** Before the last handle on the log goes, its head is made durable too. */
const settleHead = (known: Ref.Ref<End | null>) =>
  Effect.flatMap(Ref.get(known), (end) =>
    end === null || end.headFile === null ? Effect.void : Effect.ignore(sync(end.headFile))
  )

const sync = ({ file, path }: Opened) => io("sync", path, () => file.datasync())

const writeAt = ({ file, path }: Opened, bytes: Uint8Array): Effect.Effect<void, FileTrouble> =>
  Effect.flatMap(
    io("write", path, () => file.write(bytes, 0, bytes.length, 0)),
    ({ bytesWritten }) =>
      bytesWritten === bytes.length ? Effect.void : new FileTrouble({ doing: "write", path, code: "ENOSPC" })
  )

const openHead = (path: string, scope: Scope.Scope): Effect.Effect<Opened | null, FileTrouble> =>
  Effect.map(absentAsNone(openMarked(path, constants.O_RDWR, scope)), Option.getOrNull)

const openMarked = (path: string, flags: number, scope: Scope.Scope): Effect.Effect<Opened, FileTrouble> =>
  Effect.gen(function* () {
    const file = yield* Scope.extend(openFile(path, flags), scope)
    const { dev, ino, mode } = yield* io("look at", path, () => file.stat())
    // Whoever may write anyway (root) is stopped too: it was made read-only for a reason.
    if ((mode & 0o200) === 0) return yield* new FileTrouble({ doing: "write", path, code: "EACCES" })
    return { file, path, dev, ino }
  })

/** On Linux a write can wait for its own data; elsewhere that flag promises less than a sync. */
const dataSync = process.platform === "linux" ? constants.O_DSYNC : 0
const forLines = constants.O_RDWR | constants.O_APPEND | dataSync
const newSegment = forLines | constants.O_CREAT | constants.O_EXCL

/** One sector, which a disk writes as a whole. */
const headBytes = 512
