import { Effect, Stream } from "effect"
import { type ByteScan, type Scanned } from "./ByteScan.ts"
import type { Problem } from "./FileList.ts"
import { git, type GitFailed, gitStream } from "./Git.ts"
import { makeBlobReader } from "./BlobReader.ts"
import type { RawPath } from "./RawPath.ts"

/** One version of a file in which something was found. */
export interface PastFile {
  /** From the top of the repository; the first of its paths if it had several. Cut off at a line feed. */
  readonly path: RawPath
  /** The oldest commit that has it; `null` if no commit adds it, as with a tag of a tree. */
  readonly commit: string | null
  readonly scanned: Scanned
}

export interface Past {
  readonly blobs: number
  readonly files: ReadonlyArray<PastFile>
  readonly problems: ReadonlyArray<Problem>
}

/**
 * Searches everything that any branch, tag, stash or remote branch of a repository has ever held, every version of a file
 * once. What only the reflog still knows is left out: it does not leave this machine.
 *
 * @param onBlobs how many are done, of how many
 */
export const gitHistory = (
  folder: string,
  scan: ByteScan,
  onBlobs: (done: number, total: number) => Effect.Effect<void>
): Effect.Effect<Past, GitFailed> =>
  Effect.gen(function* () {
    const shallow = yield* git(folder, ["rev-parse", "--is-shallow-repository"])
    const paths = yield* objectPaths(folder)
    const input = lines(paths.keys())
    const types = (yield* git(folder, ["cat-file", "--buffer", "--batch-check=%(objectname) %(objecttype)"], { input }))
      .toString("latin1")
      .split("\n")
    const problems: Array<Problem> = []
    const blobs: Array<string> = []
    for (const line of types) {
      const [object = "", type] = line.split(" ")
      if (type === "blob") blobs.push(object)
      if (type === "missing") problems.push({ path: paths.get(object) ?? "", reason: `${object} is not in this clone` })
    }
    if (shallow.toString("latin1").trim() === "true") {
      problems.push({ path: "", reason: "this is a shallow clone: its older history is not here" })
    }

    const found = new Map<string, Scanned>()
    let done = 0
    const reader = makeBlobReader(scan, (object, scanned) => {
      done++
      if (scanned.spots.length > 0) found.set(object, scanned)
    })
    yield* Stream.runForEach(gitStream(folder, ["cat-file", "--buffer", "--batch"], { input: lines(blobs) }), (chunk) =>
      Effect.suspend(() => {
        reader(chunk)
        return onBlobs(done, blobs.length)
      })
    )
    const commits = yield* oldestCommits(folder, found)
    const files = [...found].map(([object, scanned]) => ({
      path: paths.get(object) ?? "",
      commit: commits.get(object) ?? null,
      scanned
    }))
    return { blobs: done, files, problems }
  })

/** Everything in the history that has a path, trees included. */
const objectPaths = (folder: string): Effect.Effect<ReadonlyMap<string, RawPath>, GitFailed> =>
  Effect.map(git(folder, ["rev-list", "--objects", "--all"]), (listed) => {
    const paths = new Map<string, RawPath>()
    for (const line of listed.toString("latin1").split("\n")) {
      const space = line.indexOf(" ")
      if (space !== -1 && space + 1 < line.length) paths.set(line.slice(0, space), line.slice(space + 1))
    }
    return paths
  })

/** One walk through all commits, newest first: of those that bring an object in, the last one stays. */
const oldestCommits = (
  folder: string,
  objects: ReadonlyMap<string, unknown>
): Effect.Effect<ReadonlyMap<string, string>, GitFailed> => {
  const commits = new Map<string, string>()
  if (objects.size === 0) return Effect.succeed(commits)
  let commit = ""
  const log = [
    ["-c", "log.showRoot=true", "log", "--all", "--topo-order", "-m", "--raw", "--no-abbrev", "--no-renames"],
    ["--no-relative", "--no-ext-diff", "--no-textconv", "--no-color", "--no-show-signature", "--format=%H"]
  ].flat()
  return gitStream(folder, log).pipe(
    Stream.decodeText("latin1"),
    Stream.splitLines,
    Stream.runForEach((line) =>
      Effect.sync(() => {
        if (!line.startsWith(":")) {
          if (line !== "") commit = line
          return
        }
        const added = line.split(" ", 4)[3] ?? ""
        if (objects.has(added)) commits.set(added, commit)
      })
    ),
    Effect.as(commits)
  )
}

const lines = (objects: Iterable<string>): string => [...objects, ""].join("\n")
