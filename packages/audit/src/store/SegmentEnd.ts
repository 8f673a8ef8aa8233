import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, rename } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Option } from "effect"
import { type AuditEvent, LineSetAside } from "../Event.ts"
import { envelopeOf, hashOfLine, maxLineBytes, origin, type Tip } from "../LogRecord.ts"
import { LogUnavailable } from "../LogStore.ts"
import { createFile, FileTrouble, io, namesIn, openFile, statOf } from "./Files.ts"
import { segmentsIn } from "./Segments.ts"

/** The last record of a log without reading all of it; in the segment before, where the newest holds none yet. */
export const lastRecord = (dir: string): Effect.Effect<Tip, FileTrouble | LogUnavailable> =>
  Effect.gen(function* () {
    const all = [...(yield* segmentsIn(dir))]
    for (let segment = all.pop(); segment !== undefined; segment = all.pop()) {
      const path = join(dir, segment.name)
      const line = yield* Effect.scoped(
        Effect.flatMap(openFile(path, constants.O_RDONLY), (file) => lastLine({ file, path }))
      )
      if (line === null) continue
      const record = Option.getOrNull(envelopeOf(line))
      if (record !== null && Option.contains(hashOfLine(line), record.hash))
        return { seq: record.seq, hash: record.hash }
      return yield* new LogUnavailable({
        detail: `the last line of ${path} is not a record; look at it with "log verify"`
      })
    }
    return origin
  })

interface OpenFile {
  readonly file: FileHandle
  readonly path: string
}

/**
 * Moves what follows the last line break of a segment into a file of its own, and gives the size that remains. The file
 * ends in `.new` until the log has a record of it, so that a crash in between loses neither.
 */
export const setTornAside = (dir: string, { file, path }: OpenFile): Effect.Effect<number, FileTrouble> =>
  Effect.gen(function* () {
    const { size } = yield* io("look at", path, () => file.stat())
    let start = size
    for (let found = false; start > 0 && !found;) {
      const block = yield* readBlock({ file, path }, Math.max(0, start - 65_536), start)
      const lineBreak = block.lastIndexOf(10)
      found = lineBreak >= 0
      start = start - block.length + lineBreak + 1
    }
    if (start === size) return size
    if (size - start > maxTornBytes)
      return yield* new FileTrouble({ doing: "read", path, code: "more than 8 MiB without a line break" })
    const torn = yield* readBlock({ file, path }, start, size)
    const sha256 = createHash("sha256").update(torn).digest("hex")
    yield* createFile(join(dir, `torn.${sha256}.new`), torn).pipe(
      Effect.catchAll((error) => (error.code === "EEXIST" ? Effect.void : Effect.fail(error)))
    )
    yield* io("cut", path, () => file.truncate(start))
    yield* io("sync", path, () => file.datasync())
    return start
  })

/** What the log is to say of lines that were moved aside and are not in it yet. */
export const notesIn = (dir: string): Effect.Effect<ReadonlyArray<AuditEvent>, FileTrouble> =>
  Effect.flatMap(namesIn(dir), (names) =>
    Effect.forEach(
      names.filter((name) => tornName.test(name)),
      (name) =>
        Effect.map(statOf(join(dir, name)), ({ size }) =>
          LineSetAside.make({ file: name.slice(0, -4), bytes: size, sha256: name.slice(5, 69) })
        )
    )
  )

/** The log has said it: the files get their final names. */
export const settleNotes = (dir: string, notes: ReadonlyArray<AuditEvent>): Effect.Effect<void, FileTrouble> =>
  Effect.forEach(
    notes,
    (note) =>
      note._tag === "LineSetAside"
        ? io("rename", join(dir, note.file), () => rename(join(dir, `${note.file}.new`), join(dir, note.file)))
        : Effect.void,
    { discard: true }
  )

/** No addition of ours is that long; what is was not left by a crash. */
const maxTornBytes = 8_388_608

const tornName = /^torn\.[0-9a-f]{64}\.new$/

/** The last complete line of a file that ends in a line break; `null` for an empty file. */
const lastLine = ({ file, path }: OpenFile): Effect.Effect<string | null, FileTrouble | LogUnavailable> =>
  Effect.gen(function* () {
    const { size } = yield* io("look at", path, () => file.stat())
    if (size === 0) return null
    for (let window = 65_536; ; window *= 4) {
      const block = yield* readBlock({ file, path }, Math.max(0, size - window), size)
      const end = block.length - 1
      const start = block.lastIndexOf(10, end - 1)
      if (start >= 0 || block.length === size) return block.toString("utf8", start + 1, end)
      if (window > maxLineBytes)
        return yield* new LogUnavailable({ detail: `the last line of ${path} is longer than 1 MiB` })
    }
  })

const readBlock = ({ file, path }: OpenFile, from: number, to: number): Effect.Effect<Buffer, FileTrouble> => {
  const block = Buffer.alloc(to - from)
  return Effect.map(
    io("read", path, () => file.read(block, 0, block.length, from)),
    ({ bytesRead }) => block.subarray(0, bytesRead)
  )
}
