import { constants } from "node:fs"
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  unlink,
  writeFile
} from "node:fs/promises"
import { dirname, join } from "node:path"
import { Data, Effect, Option, type Scope } from "effect"

/** A file operation that failed, in words that hold no content of any file. */
export class FileTrouble extends Data.TaggedError("FileTrouble")<{
  readonly doing: string
  readonly path: string
  /** `ENOSPC` and the like; empty if the system gave none. */
  readonly code: string
}> {
  get detail(): string {
    return `cannot ${this.doing} ${this.path}: ${explain(this.code)}`
  }
}

/** One call of the file system. It cannot be called back: interruption waits for it. */
export const io = <A>(doing: string, path: string, run: () => Promise<A>): Effect.Effect<A, FileTrouble> =>
  Effect.uninterruptible(
    Effect.tryPromise({ try: run, catch: (cause) => new FileTrouble({ doing, path, code: codeOf(cause) }) }).pipe(
      Effect.tap(() => (doing === "write" ? Effect.logTrace(`wrote to ${path}`) : Effect.void))
    )
  )

/**
 * Makes missing folders, readable by their owner only, and makes their names durable. One by one: Node's own recursive
 * `mkdir` never comes back from a file system that says ENOENT of a folder whose parent is there (`/proc`).
 */
export const makeDir = (path: string): Effect.Effect<void, FileTrouble> => makeDirWithin(path, 5)

/** `again`: somebody else may make the parent between our try and our look at why it failed. */
const makeDirWithin = (path: string, again: number): Effect.Effect<void, FileTrouble> =>
  io("make the folder", path, () => mkdir(path, { mode: 0o700 })).pipe(
    Effect.zipRight(syncDir(dirname(path))),
    Effect.catchIf(
      ({ code }) => code === "EEXIST",
      (there) => Effect.flatMap(isFolder(path), (folder) => (folder ? Effect.void : Effect.fail(there)))
    ),
    Effect.catchIf(
      ({ code }) => code === "ENOENT",
      (missing) =>
        Effect.flatMap(isFolder(dirname(path)), (parent) =>
          dirname(path) === path || (parent && again === 0)
            ? Effect.fail(missing)
            : Effect.zipRight(
                parent ? Effect.void : makeDir(dirname(path)),
                makeDirWithin(path, Math.max(0, again - 1))
              )
        )
    )
  )

const isFolder = (path: string): Effect.Effect<boolean> =>
  io("look at", path, () => stat(path)).pipe(
    Effect.map((found) => found.isDirectory()),
    Effect.orElseSucceed(() => false)
  )

/** Makes the names in a folder durable. */
export const syncDir = (path: string): Effect.Effect<void, FileTrouble> =>
  Effect.scoped(
    Effect.flatMap(openFile(path, constants.O_RDONLY), (file) => io("sync the folder", path, () => file.sync()))
  )

export const openFile = (
  path: string,
  flags: string | number,
  mode = 0o600
): Effect.Effect<FileHandle, FileTrouble, Scope.Scope> =>
  Effect.acquireRelease(
    io("open", path, () => open(path, flags, mode)),
    (file) => Effect.ignore(io("close", path, () => file.close()))
  )

/** Writes everything or fails; a short write is what a full disk looks like. */
export const writeAll = (file: FileHandle, path: string, bytes: Uint8Array): Effect.Effect<void, FileTrouble> =>
  Effect.gen(function* () {
    const { bytesWritten } = yield* io("write", path, () => file.write(bytes))
    if (bytesWritten !== bytes.length) return yield* new FileTrouble({ doing: "write", path, code: "ENOSPC" })
  })

/** Puts a whole file in place, durably: readers see the old one or the new one, and a crash leaves one of them. */
export const replaceFile = (path: string, bytes: Uint8Array): Effect.Effect<void, FileTrouble> =>
  Effect.gen(function* () {
    const draft = yield* writeDraft(path, bytes)
    yield* io("put in place", path, () => rename(draft, path)).pipe(
      Effect.tapError(() => Effect.ignore(removeFile(draft)))
    )
    yield* syncDir(dirname(path))
    yield* wrote(path)
    // A draft may hold a secret: nobody leaves one behind who is only asked to stop.
  }).pipe(Effect.uninterruptible)

/**
 * The same, as far as a crash of the process goes: it costs no sync, and a crash of the machine may undo it. For whoever
 * holds the lock of the file, so that no draft is left behind by those who were killed.
 */
export const swapFile = (path: string, bytes: Uint8Array): Effect.Effect<void, FileTrouble> => {
  const draft = `${path}.tmp`
  return io("write", path, () => writeFile(draft, bytes, { mode: 0o600 }).then(() => rename(draft, path)))
}

const wrote = (path: string): Effect.Effect<void> => Effect.logDebug(`wrote ${path}`)

/** The same, but fails with `EEXIST` where there is a file already. */
export const createFile = (path: string, bytes: Uint8Array): Effect.Effect<void, FileTrouble> =>
  Effect.gen(function* () {
    const draft = yield* writeDraft(path, bytes)
    yield* io("put in place", path, () => link(draft, path)).pipe(Effect.ensuring(Effect.ignore(removeFile(draft))))
    yield* syncDir(dirname(path))
    yield* wrote(path)
  })

/** `None` where there is no such file. */
export const readWhole = (path: string): Effect.Effect<Option.Option<Uint8Array>, FileTrouble> =>
  absentAsNone(io("read", path, () => readFile(path)))

export const statOf = (path: string) => io("look at", path, () => stat(path))

/** Names in a folder, sorted; none where there is no such folder. */
export const namesIn = (path: string): Effect.Effect<ReadonlyArray<string>, FileTrouble> =>
  Effect.map(absentAsNone(io("list", path, () => readdir(path))), (names) => Option.getOrElse(names, () => []).sort())

export const removeFile = (path: string) => io("remove", path, () => unlink(path))

export const absentAsNone = <A>(effect: Effect.Effect<A, FileTrouble>): Effect.Effect<Option.Option<A>, FileTrouble> =>
  effect.pipe(
    Effect.map(Option.some),
    Effect.catchAll((error) => (error.code === "ENOENT" ? Effect.succeed(Option.none<A>()) : Effect.fail(error)))
  )

const writeDraft = (path: string, bytes: Uint8Array): Effect.Effect<string, FileTrouble> => {
  const draft = join(dirname(path), `.${crypto.randomUUID()}.tmp`)
  return Effect.scoped(
    Effect.gen(function* () {
      const file = yield* openFile(draft, "wx")
      yield* writeAll(file, draft, bytes)
      yield* io("sync", draft, () => file.sync())
      return draft
    })
  ).pipe(Effect.tapError(() => Effect.ignore(removeFile(draft))))
}

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : ""

const explain = (code: string): string => {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `no space left; free some (${code})`
    case "EFBIG":
      return `the file may not grow further (${code})`
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `not permitted; make it writable for this user (${code})`
    case "ENOENT":
      return `it is not there; it was moved or removed (${code})`
    case "ENOTDIR":
    case "EEXIST":
    case "EISDIR":
      return `something else is in its place (${code})`
    default:
      return code === "" ? "an unknown reason" : code
  }
}
