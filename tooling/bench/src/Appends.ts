import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { append, logFolder, withLog } from "./BenchLog.ts"
import { interleaved, timed } from "./Pairs.ts"
import type { Measured } from "./Row.ts"
import { inFolder } from "./Workspace.ts"

/**
 * Durable appends per second, by so many writers at once, against one loop that writes a line of the same length and
 * syncs its data, on the same disk.
 */
export const appends = (writers: number, count: number, rounds: number): Promise<Measured> =>
  inFolder(async (home) => {
    const length = await lineLength(home)
    const bare = openSync(join(home, "bare"), "a")
    const line = Buffer.alloc(length, "x")
    const syncEach = () => {
      for (let written = 0; written < count; written++) {
        writeSync(bare, line)
        fdatasyncSync(bare)
      }
    }
    const pairs = await withLog(home, (log) =>
      Effect.promise(() =>
        interleaved(
          rounds,
          () => timed(() => Effect.runPromise(append(log, count, writers))),
          () => timed(syncEach)
        )
      )
    )
    closeSync(bare)
    const perSecond = (millis: number) => `${Math.round((count * 1000) / millis)} /s`
    return {
      note: `${rounds} pairs of ${count} records of ${length} bytes.`,
      cases: [
        {
          what: writers === 1 ? "one writer" : `${writers} writers`,
          ours: perSecond(pairs.ours),
          against: perSecond(pairs.against),
          ratio: 1 / pairs.ratio
        }
      ]
    }
  })

/** Bytes of one record with its line break. */
const lineLength = async (home: string): Promise<number> => {
  await withLog(home, (log) => append(log, 1, 1))
  const folder = logFolder(home)
  const [segment] = readdirSync(folder).filter((name) => name.endsWith(".jsonl"))
  const lines = readFileSync(join(folder, segment ?? ""), "utf8")
    .trimEnd()
    .split("\n")
  return Buffer.byteLength(lines.at(-1) ?? "") + 1
}
