import { isUtf8 } from "node:buffer"
import { constants } from "node:fs"
import { join } from "node:path"
import { Chunk, Effect, Option, Stream } from "effect"
import { maxLineBytes } from "../LogRecord.ts"
import type { StoredLine } from "../LogStore.ts"
import { FileTrouble, io, namesIn, openFile } from "./Files.ts"

/** A segment is called after its first record: `000000000001.jsonl`. */
export const segmentName = (seq: number): string => `${String(seq).padStart(12, "0")}.jsonl`

/** The segments of a folder in order, with the number of their first record. */
export const segmentsIn = (
  dir: string
): Effect.Effect<ReadonlyArray<{ readonly name: string; readonly first: number }>, FileTrouble> =>
  Effect.map(namesIn(dir), (names) =>
    names.filter((name) => /^\d{12}\.jsonl$/.test(name)).map((name) => ({ name, first: Number(name.slice(0, 12)) }))
  )

/** All lines of all segments from the one that holds `from`. What is not finished at the very end is marked as torn. */
export const readSegments = (dir: string, from: number): Stream.Stream<StoredLine, FileTrouble> =>
  Stream.unwrap(
    Effect.map(segmentsIn(dir), (all) => {
      const start = Math.max(0, all.filter((it) => it.first <= from).length - 1)
      return Stream.concatAll(Chunk.fromIterable(all.slice(start).map(({ name }) => readLines(join(dir, name), 0))))
    })
  )

/** The lines of one file from a byte on. Holds at most one line and one block in memory. */
export const readLines = (path: string, from: number): Stream.Stream<StoredLine, FileTrouble> =>
  Stream.unwrapScoped(
    Effect.map(openFile(path, constants.O_RDONLY), (file) =>
      Stream.paginateChunkEffect({ at: from, rest: Buffer.alloc(0), size: firstBytes }, ({ at, rest, size }) =>
        Effect.gen(function* () {
          const block = Buffer.alloc(size)
          const { bytesRead } = yield* io("read", path, () => file.read(block, 0, size, at))
          if (bytesRead === 0) {
            const torn =
              rest.length === 0 ? Chunk.empty<StoredLine>() : Chunk.of({ text: rest.toString("utf8"), torn: true })
            return [torn, Option.none()] as const
          }
          const bytes =
            rest.length === 0 ? block.subarray(0, bytesRead) : Buffer.concat([rest, block.subarray(0, bytesRead)])
          const end = bytes.lastIndexOf(lineBreak) + 1
          const left = bytes.subarray(end)
          if (left.length > maxLineBytes)
            return yield* new FileTrouble({ doing: "read", path, code: "a line is longer than 1 MiB" })
          const lines = end === 0 ? [] : decodeLines(bytes.subarray(0, end - 1))
          const next = Option.some({
            at: at + bytesRead,
            rest: Buffer.from(left),
            size: Math.min(4 * size, blockBytes)
          })
          return [Chunk.unsafeFromArray(lines.map((text) => ({ text, torn: false }))), next] as const
        })
      )
    )
  )

/** A byte that is not UTF-8 must not read like a character that could have been there: such a line is read as Latin-1. */
const decodeLines = (bytes: Buffer): ReadonlyArray<string> =>
  isUtf8(bytes)
    ? bytes.toString("utf8").split("\n")
    : bytes
        .toString("latin1")
        .split("\n")
        .map((line) => {
          const own = Buffer.from(line, "latin1")
          return isUtf8(own) ? own.toString("utf8") : line
        })

/** Most logs are short, and there may be a thousand of them. */
const firstBytes = 16_384
const blockBytes = 262_144
const lineBreak = 10
