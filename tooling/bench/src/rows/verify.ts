import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { append, logFolder, withLog } from "../BenchLog.ts"
import { interleaved, millis, timed } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { inFolder } from "../Workspace.ts"

export const verify: Row = {
  name: "verify",
  title: "Verification of a log, against `sha256sum` and JSON.parse of the same file",
  bar: { kind: "at most", ratio: 5 },
  how: "The chain of every record, its place and its account, and the signature of the head; against `sha256sum` as a process, then reading the file and parsing each line.",
  run: ({ full }) =>
    inFolder(async (home) => {
      const records = full ? 10_000 : 2000
      const rounds = full ? 15 : 5
      await withLog(home, (log) => append(log, records, 64))
      const folder = logFolder(home)
      const files = readdirSync(folder)
        .filter((name) => name.endsWith(".jsonl"))
        .map((name) => join(folder, name))
      const result = await withLog(home, (log) =>
        Effect.promise(() =>
          interleaved(
            rounds,
            () =>
              timed(async () => {
                const { ok } = await Effect.runPromise(log.verify())
                if (!ok) throw new Error("a log that was just written does not verify")
              }),
            () => timed(() => sumAndParse(files))
          )
        )
      )
      return {
        note: `${rounds} pairs.`,
        cases: [
          {
            what: `${records} records`,
            ours: millis(result.ours),
            against: millis(result.against),
            ratio: result.ratio
          }
        ]
      }
    })
}

const sumAndParse = (files: ReadonlyArray<string>): void => {
  const { status } = spawnSync("sha256sum", files, { stdio: "ignore" })
  if (status !== 0) throw new Error("sha256sum failed")
  for (const file of files) {
    for (const line of readFileSync(file, "utf8").split("\n")) if (line !== "") JSON.parse(line)
  }
}
