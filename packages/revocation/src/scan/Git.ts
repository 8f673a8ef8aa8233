import { spawn } from "node:child_process"
import { Chunk, Data, Effect, Predicate, Stream } from "effect"

/** `detail` holds what git said, which may hold names of files: foreign text. */
export class GitFailed extends Data.TaggedError("GitFailed")<{ readonly detail: string }> {}

/**
 * What `git ARGS` prints, as it comes; it fails where git does. Without a shell, and without anything that the settings of
 * a foreign repository could make git run. Interruption ends the process.
 */
export const gitStream = (
  folder: string,
  args: ReadonlyArray<string>,
  options: {
    readonly input?: string
    /** What git wrote to its standard error though it succeeded. */
    readonly onWarning?: (text: string) => void
  } = {}
): Stream.Stream<Buffer, GitFailed> =>
  Stream.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => start(folder, args, options.input ?? "")),
        end
      ),
      (process) =>
        Stream.concat(
          Stream.fromAsyncIterable<Buffer, GitFailed>(
            process.output,
            () => new GitFailed({ detail: "its output broke off" })
          ),
          Stream.drain(
            Effect.flatMap(
              Effect.promise(() => process.ending),
              ({ code, complaint }) => {
                if (code !== 0) return new GitFailed({ detail: complaint === "" ? `it ended with ${code}` : complaint })
                if (complaint !== "") options.onWarning?.(complaint)
                return Effect.void
              }
            )
          )
        )
    )
  )

/** All of it at once, for what is small. */
export const git = (
  folder: string,
  args: ReadonlyArray<string>,
  options?: Parameters<typeof gitStream>[2]
): Effect.Effect<Buffer, GitFailed> =>
  Effect.map(Stream.runCollect(gitStream(folder, args, options)), (chunks) => Buffer.concat(Chunk.toArray(chunks)))

const start = (folder: string, args: ReadonlyArray<string>, input: string) => {
  const child = spawn("git", [...harmless, ...args], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] })
  let complaint = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (complaint.length < 4096) complaint += text
  })
  // Git may end before it has read everything; how it ended is what tells.
  child.stdin.on("error", () => {}).end(input)
  const ending = new Promise<{ readonly code: number | string | null; readonly complaint: string }>((resolve) => {
    child.once("error", (cause) => {
      const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
      resolve({ code, complaint: code === "ENOENT" ? "git is not installed" : `git does not start ${code}` })
    })
    child.once("close", (code, signal) => resolve({ code: code ?? signal, complaint: complaint.trim() }))
  })
  return { output: child.stdout, ending, kill: () => child.kill() }
}

const end = (process: { readonly kill: () => void }) => Effect.sync(process.kill)

/**
 * The settings of a repository can name programs: one that watches the files, and one that fetches what a partial clone
 * lacks. Neither is run.
 */
const harmless = [
  ["--no-pager", "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false"],
  ["", ".ext", ".file", ".git", ".http", ".https", ".ssh"].flatMap((name) => ["-c", `protocol${name}.allow=never`])
].flat()
