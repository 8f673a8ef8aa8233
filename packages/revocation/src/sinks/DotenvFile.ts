import * as Files from "@keysweep/audit/store/Files"
import { Clock, Effect, Option, Redacted, type Scope } from "effect"
import { isUtf8 } from "node:buffer"
import type { Stats } from "node:fs"
import { access, constants, type FileHandle, lstat, rename } from "node:fs/promises"
import { dirname } from "node:path"
import { variableIn, withVariable } from "./DotenvText.ts"
import { SinkFailed } from "./SinkFailed.ts"
import { sinkText } from "./SinkTarget.ts"

interface Target {
  readonly kind: "dotenv"
  readonly file: string
  readonly variable: string
}

/** A place where a file can be put: its folder can be written, and what is there now is an ordinary file of ours. */
export const check = (target: Target): Effect.Effect<void, SinkFailed> =>
  ordinary(target.file).pipe(
    Effect.zipRight(
      Files.io("write into the folder of", target.file, () => access(dirname(target.file), constants.W_OK))
    ),
    Effect.zipRight(textOf(target.file)),
    Effect.mapError(failed(target)),
    Effect.asVoid
  )

/**
 * Sets one variable, in place of the value before, and reads it back. The file is replaced as a whole: a crash leaves the
 * old one or the new one, readable by its owner only. Gives back what it took from others, in words; `null`: nothing.
 */
export const deliver = (target: Target, value: Redacted.Redacted): Effect.Effect<string | null, SinkFailed> =>
  Effect.gen(function* () {
    const { file, variable } = target
    const { narrowed } = yield* drafting(file, (draft) =>
      Effect.gen(function* () {
        const before = yield* ordinary(file)
        const text = withVariable(yield* textOf(file), variable, Redacted.value(value))
        if (text === null) return yield* Effect.fail("the value has characters that a dotenv file cannot hold")
        yield* fill(file, draft, Buffer.from(text), before)
        const now = yield* ordinary(file)
        if (now?.ctimeMs !== before?.ctimeMs) {
          return yield* Effect.fail("somebody else wrote the file at the same time; try again")
        }
        yield* Files.io("put in place", file, () => rename(draftOf(file), file))
        yield* Files.syncDir(dirname(file))
        return { narrowed: before === null ? null : narrowing(before.mode & 0o777) }
      })
    )
    if (variableIn(yield* textOf(file), variable) !== Redacted.value(value)) {
      return yield* Effect.fail("the file does not read back as it was written")
    }
    return narrowed
  }).pipe(oneAtATime.withPermits(1), Effect.mapError(failed(target)))

/** Two variables of one file may be written by one run. */
const oneAtATime = Effect.unsafeMakeSemaphore(1)

const narrowing = (mode: number): string | null =>
  (mode & 0o077) === 0 ? null : `its mode was 0${mode.toString(8)}, and is now 0600: its owner alone can read it`

type Trouble = Files.FileTrouble | string

/**
 * The next content, until it is put in place. The name is always the same, so that a process that was killed in between
 * leaves no value behind for good: the next one takes its place. It is also what keeps two processes from writing at once.
 */
const draftOf = (file: string): string => `${file}.keysweep-draft`

const drafting = <A>(file: string, use: (draft: FileHandle) => Effect.Effect<A, Trouble>): Effect.Effect<A, Trouble> =>
  Effect.scoped(
    Effect.gen(function* () {
      const draft = yield* begun(file)
      const own = yield* Files.io("look at", draftOf(file), () => draft.stat())
      return yield* Effect.onError(use(draft), () => Effect.ignore(removed(file, own)))
    })
  )

/** Nobody writes for so long, in milliseconds: who left a draft that is older was killed. */
const longest = 5_000

/** A new and empty draft. Where there is one already, its writer is waited for, or is dead. */
const begun = (file: string, waited = 0): Effect.Effect<FileHandle, Trouble, Scope.Scope> =>
  Effect.catchIf(
    Files.openFile(draftOf(file), "wx"),
    ({ code }) => code === "EEXIST",
    () =>
      Effect.gen(function* () {
        const draft = yield* Files.absentAsNone(Files.io("look at", draftOf(file), () => lstat(draftOf(file))))
        if (Option.isSome(draft)) {
          const strange = strangeness(draft.value)
          if (strange !== null) return yield* Effect.fail(`in the way is ${draftOf(file)}: ${strange}`)
          const age = (yield* Clock.currentTimeMillis) - draft.value.mtimeMs
          if (age > longest) yield* Files.absentAsNone(removed(file, draft.value))
          else if (waited > 2 * longest) {
            return yield* Effect.fail(`another process is writing it; if there is none, remove ${draftOf(file)}`)
          } else yield* Effect.sleep(step)
        }
        return yield* begun(file, waited + step)
      })
  )

const step = 100

/** Removes this draft, and no other one that has taken its place. */
const removed = (file: string, { ino }: Stats) =>
  Effect.flatMap(
    Files.io("look at", draftOf(file), () => lstat(draftOf(file))),
    (now) => (now.ino === ino ? Files.removeFile(draftOf(file)) : Effect.void)
  )

/** Writes the draft, which gets the group of the file before, so that whoever gives it rights gives them to the same. */
const fill = (file: string, draft: FileHandle, bytes: Uint8Array, before: Stats | null) =>
  Effect.gen(function* () {
    const path = draftOf(file)
    if (before !== null) yield* Effect.ignore(Files.io("give to its group", path, () => draft.chown(-1, before.gid)))
    yield* Files.writeAll(draft, path, bytes)
    yield* Files.io("sync", path, () => draft.sync())
    const [own, there] = yield* Files.io("look at", path, () => Promise.all([draft.stat(), lstat(path)]))
    if (own.ino !== there.ino) return yield* Effect.fail("somebody else wrote the file at the same time; try again")
  })

const textOf = (file: string): Effect.Effect<string, Trouble> =>
  Effect.flatMap(
    Files.readWhole(file),
    Option.match({
      onNone: () => Effect.succeed(""),
      onSome: (bytes) =>
        isUtf8(bytes)
          ? Effect.succeed(Buffer.from(bytes).toString("utf8"))
          : Effect.fail("the file is not UTF-8, and writing it would change what else is in it")
    })
  )

/** What is there, if it is ours to replace; `null` where nothing is. A link would have to be followed or cut: neither is asked for. */
const ordinary = (file: string): Effect.Effect<Stats | null, Trouble> =>
  Effect.flatMap(Files.absentAsNone(Files.io("look at", file, () => lstat(file))), (found) => {
    if (Option.isNone(found)) return Effect.succeed(null)
    const strange = strangeness(found.value)
    return strange === null ? Effect.succeed(found.value) : Effect.fail(strange)
  })

/** `null`: an ordinary file of this user, with one name. */
const strangeness = (found: Stats): string | null => {
  if (found.isSymbolicLink()) return "it is a symbolic link; name the file that it points to"
  if (!found.isFile()) return "it is not a file"
  if (found.nlink > 1) return "the file has a second name (a hard link), which would keep the old value"
  const self = process.getuid?.()
  return self === undefined || found.uid === self
    ? null
    : `the file belongs to another user (uid ${found.uid}); run this as that user`
}

const failed = (target: Target) => (error: Trouble) =>
  new SinkFailed({
    sink: sinkText(target),
    detail: typeof error === "string" ? error : error.detail,
    arrived: "no"
  })
