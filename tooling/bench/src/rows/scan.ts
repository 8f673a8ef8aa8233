import { spawnSync } from "node:child_process"
import { scan as scanFolder } from "@keysweep/revocation/scan/Scan"
import { Effect } from "effect"
import { makeCorpus } from "../Corpus.ts"
import { interleaved, millis, timed } from "../Pairs.ts"
import type { Row } from "../Row.ts"
import { inFolder } from "../Workspace.ts"

/** What the scan takes for a key in plain text. That it also looks for base64 is its own expense. */
const pattern =
  "(?<![A-Za-z0-9])ek-(?:proxy-[A-Za-z0-9_-]{8,247}|dev-[A-Za-z0-9_-]{16,249}|(?!proxy-|dev-)(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,253})(?![A-Za-z0-9_-])"

export const scan: Row = {
  name: "scan",
  title: "Scan of a checkout, against `git grep -P` of the same pattern",
  bar: { kind: "at most", ratio: 2 },
  how: "Tracked files with generated text and a key in every five-hundredth; both find the same keys. The scan also looks for keys in base64 and in UTF-16. `git grep` uses as many threads as it likes. Files are in the page cache.",
  run: ({ full }) =>
    inFolder(async (folder) => {
      const files = full ? 20_000 : 2000
      const rounds = full ? 9 : 3
      const { bytes, planted } = makeCorpus(folder, files)
      const expect = (count: number, who: string) => {
        if (count !== planted.length) throw new Error(`${who} found ${count} of ${planted.length} keys`)
      }
      const result = await interleaved(
        rounds,
        () =>
          timed(async () => {
            const { findings } = await Effect.runPromise(scanFolder({ folder, known: new Map() }))
            expect(findings.length, "the scan")
          }),
        () => timed(() => expect(grep(folder), "git grep"))
      )
      const { against, ours, ratio } = result
      return {
        note: `${rounds} pairs.`,
        cases: [
          {
            what: `${files} files, ${Math.round(bytes / 1e6)} MB`,
            ours: millis(ours),
            against: millis(against),
            ratio
          }
        ]
      }
    })
}

const grep = (folder: string): number => {
  const args = ["-C", folder, "grep", "-P", "-n", "--text", "-e", pattern]
  const { status, stdout } = spawnSync("git", args, { encoding: "utf8" })
  if (status !== 0) throw new Error(`git grep ended with ${status}`)
  return stdout.trimEnd().split("\n").length
}
