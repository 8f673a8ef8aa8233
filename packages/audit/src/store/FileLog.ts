import type { AccountId } from "@keysweep/core/Account"
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, rename } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Exit, Option, Ref, Scope, Stream } from "effect"
import { checkChain } from "../Chain.ts"
import { type AuditEvent, LineSetAside } from "../Event.ts"
import { envelopeOf, hashOfLine, origin, type Tip } from "../LogRecord.ts"
import { type Addition, LogUnavailable, type StoredLog, type StoredTip } from "../LogStore.ts"
import type { FileLock } from "./FileLock.ts"
import {
  absentAsNone,
  createFile,
  FileTrouble,
  io,
  makeDir,
  namesIn,
  openFile,
  readWhole,
  statOf,
  syncDir,
  writeAll
} from "./Files.ts"
import { readLines, readSegments, segmentName, segmentsIn } from "./Segments.ts"

/** Where the log ended when we last looked, with what tells whether it is still the same file. */
interface Place {
  readonly file: FileHandle
  readonly scope: Scope.CloseableScope
  readonly path: string
  readonly dev: number
  readonly ino: number
  readonly size: number
  readonly tip: Tip
  readonly head: string | null
  readonly headMark: string
  readonly notes: ReadonlyArray<AuditEvent>
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
    const place = yield* Ref.make<Option.Option<Place>>(Option.none())
    const headPath = join(dir, "head.json")

    const leave = Ref.getAndSet(place, Option.none()).pipe(
      Effect.flatMap(Option.match({ onNone: () => Effect.void, onSome: (it) => Scope.close(it.scope, Exit.void) }))
    )
    yield* Effect.addFinalizer(() => leave)

    const readHead = Effect.map(readWhole(headPath), (bytes) => Option.getOrNull(Option.map(bytes, textOf)))
    const headMark = Effect.map(absentAsNone(statOf(headPath)), (it) =>
      Option.match(it, { onNone: () => "", onSome: (stat) => `${stat.ino} ${stat.mtimeMs} ${stat.size}` })
    )

    /** Opens a segment for appending and notes which file it is. */
    const enter = (name: string, flags: number) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const path = join(dir, name)
        return yield* Effect.gen(function* () {
          const file = yield* Scope.extend(openFile(path, flags | constants.O_RDWR | constants.O_APPEND), scope)
          const { dev, ino, size } = yield* io("look at", path, () => file.stat())
          return { file, scope, path, dev, ino, size }
        }).pipe(Effect.tapErrorCause(() => Scope.close(scope, Exit.void)))
      })

    /** Finds the end of the log from nothing. An unfinished last line is moved aside first, to be noted in the log. */
    const arrive = Effect.gen(function* () {
      yield* makeDir(dir)
      const last = (yield* segmentsIn(dir)).at(-1)
      if (last === undefined) return yield* nowhere
      const found = yield* enter(last.name, 0)
      yield* Ref.set(place, Option.some({ ...found, tip: origin, head: null, headMark: "", notes: [] }))
      const size = yield* setTornAside(dir, found)
      const tip = yield* lastRecord(dir, last.first)
      return { ...found, size, tip, head: yield* readHead, headMark: yield* headMark, notes: yield* notesOn(dir) }
    })

    const nowhere = Effect.map(readHead, (head): StoredTip => ({ tip: origin, head, notes: [] }))

    /** Whether the file is still the one we know; then whatever others have added to it since. */
    const look = (known: Place) =>
      Effect.gen(function* () {
        const [stat, mark] = yield* Effect.all([absentAsNone(statOf(known.path)), headMark], { concurrency: 2 })
        const now = Option.getOrNull(stat)
        if (now === null || now.nlink === 0) return yield* changed(known, "was removed")
        if (now.ino !== known.ino || now.dev !== known.dev) return yield* changed(known, "was replaced by another file")
        if (now.size < known.size) return yield* changed(known, "was cut")
        if ((now.mode & 0o200) === 0) return yield* changed(known, "was made read-only")
        if (now.size === known.size && mark === known.headMark) return known
        // Others have written: what they wrote must follow on what we know.
        const check = checkChain({ account, start: known.tip })
        const later = (yield* segmentsIn(dir)).filter((it) => it.first > known.tip.seq)
        const tail = Stream.concat(
          readLines(known.path, known.size),
          later.length === 0 ? Stream.empty : readSegments(dir, later[0]?.first ?? 0)
        )
        yield* Stream.runForEachWhile(tail, (line) => Effect.sync(() => !line.torn && check.next(line.text)))
        if (!check.sound()) return yield* changed(known, "was changed by something that is not Keysweep")
        yield* leave
        return yield* arrive
      })

    const write = (known: Place | { readonly tip: Tip }, next: Addition) =>
      Effect.gen(function* () {
        const bytes = Buffer.from(`${next.lines.join("\n")}\n`, "utf8")
        const rolls = !("file" in known) || (known.size > 0 && known.size + bytes.length > segmentBytes)
        const at = rolls ? yield* enter(segmentName(known.tip.seq + 1), constants.O_CREAT | constants.O_EXCL) : known
        if (rolls && "file" in known) yield* Scope.close(known.scope, Exit.void)
        const tip = Option.getOrElse(Option.flatMap(Option.fromNullable(next.lines.at(-1)), envelopeOf), () => known.tip)
        yield* Ref.set(place, Option.some({ ...at, tip, head: next.head, headMark: "", notes: [] }))
        const draft = `${headPath}.new`
        yield* writeAll(at.file, at.path, bytes)
        yield* Effect.all([io("sync", at.path, () => at.file.datasync()), writeDraft(draft, next.head)], {
          concurrency: 2,
          discard: true
        })
        if (rolls) yield* syncDir(dir)
        yield* io("put in place", headPath, () => rename(draft, headPath))
        yield* Ref.set(
          place,
          Option.some({ ...at, size: at.size + bytes.length, tip, head: next.head, headMark: yield* headMark, notes: [] })
        )
        if ("notes" in known) yield* forgetNotes(dir, known.notes)
      })

    const append: StoredLog["append"] = (add) =>
      Effect.acquireUseRelease(
        lock.await,
        () =>
          Effect.gen(function* () {
            const known = yield* Ref.get(place)
            const now = Option.isSome(known) ? yield* look(known.value) : yield* arrive
            yield* Ref.set(place, "file" in now ? Option.some(now) : Option.none())
            const found: StoredTip = { tip: now.tip, head: now.head, notes: now.notes }
            yield* write(now, yield* add(found))
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

const changed = (known: Place, what: string) =>
  new LogUnavailable({ detail: `${known.path} ${what} while it was in use; look at it with "log verify"` })

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8")

const writeDraft = (path: string, text: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* openFile(path, "w")
      yield* writeAll(file, path, Buffer.from(text, "utf8"))
      yield* io("sync", path, () => file.datasync())
    })
  )

/** Moves what follows the last line break of a segment into a file of its own, and gives the size that remains. */
const setTornAside = (dir: string, at: { readonly file: FileHandle; readonly path: string; readonly size: number }) =>
  Effect.gen(function* () {
    let start = at.size
    let found = false
    while (start > 0 && !found) {
      const length = Math.min(start, 65_536)
      const block = Buffer.alloc(length)
      yield* io("read", at.path, () => at.file.read(block, 0, length, start - length))
      const lineBreak = block.lastIndexOf(10)
      found = lineBreak >= 0
      start = start - length + lineBreak + 1
    }
    if (start === at.size) return at.size
    const torn = Buffer.alloc(at.size - start)
    yield* io("read", at.path, () => at.file.read(torn, 0, torn.length, start))
    const name = `torn.${createHash("sha256").update(torn).digest("hex")}.new`
    yield* createFile(join(dir, name), torn).pipe(
      Effect.catchAll((error) => (error.code === "EEXIST" ? Effect.void : Effect.fail(error)))
    )
    yield* io("cut", at.path, () => at.file.truncate(start))
    yield* io("sync", at.path, () => at.file.datasync())
    return start
  })

/** The last record of the log; in the segment before if the newest one holds none yet. */
const lastRecord = (dir: string, first: number): Effect.Effect<Tip, FileTrouble | LogUnavailable> =>
  Effect.gen(function* () {
    const all = (yield* segmentsIn(dir)).filter((it) => it.first <= first)
    for (let segment = all.pop(); segment !== undefined; segment = all.pop()) {
      const last = yield* Stream.runLast(readLines(join(dir, segment.name), 0))
      if (Option.isNone(last)) continue
      const record = envelopeOf(last.value.text)
      const hash = hashOfLine(last.value.text)
      if (Option.isSome(record) && Option.isSome(hash) && hash.value === record.value.hash) return record.value
      return yield* new LogUnavailable({ detail: `the last line of ${join(dir, segment.name)} is not a record; look at it with "log verify"` })
    }
    return origin
  })

/** Lines that were moved aside and are not in the log yet. */
const notesOn = (dir: string): Effect.Effect<ReadonlyArray<AuditEvent>, FileTrouble> =>
  Effect.gen(function* () {
    const names = (yield* namesIn(dir)).filter((name) => tornName.test(name))
    return yield* Effect.forEach(names, (name) =>
      Effect.map(statOf(join(dir, name)), ({ size }) =>
        LineSetAside.make({ file: name.slice(0, -4), bytes: size, sha256: name.slice(5, 69) })
      )
    )
  })

const forgetNotes = (dir: string, notes: ReadonlyArray<AuditEvent>) =>
  Effect.forEach(
    notes,
    (note) =>
      note._tag === "LineSetAside"
        ? io("rename", join(dir, note.file), () => rename(join(dir, `${note.file}.new`), join(dir, note.file)))
        : Effect.void,
    { discard: true }
  )

const tornName = /^torn\.[0-9a-f]{64}\.new$/
