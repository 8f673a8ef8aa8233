import * as Files from "@keysweep/audit/store/Files"
import { Effect, Option, Redacted } from "effect"
import { isUtf8 } from "node:buffer"
import { access, constants, lstat } from "node:fs/promises"
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
 * old one or the new one, readable by its owner only.
 */
export const deliver = (target: Target, value: Redacted.Redacted): Effect.Effect<void, SinkFailed> =>
  Effect.gen(function* () {
    const { file, variable } = target
    const before = yield* ordinary(file)
    const old = yield* textOf(file)
    const text = withVariable(old, variable, Redacted.value(value))
    if (text === null) return yield* Effect.fail("the value has characters that a dotenv file cannot hold")
    const now = yield* ordinary(file)
    if (now !== before) return yield* Effect.fail("somebody else wrote the file at the same time; try again")
    yield* Files.replaceFile(file, Buffer.from(text))
    if (variableIn(yield* textOf(file), variable) !== Redacted.value(value)) {
      return yield* Effect.fail("the file does not read back as it was written")
    }
  }).pipe(oneAtATime.withPermits(1), Effect.mapError(failed(target)))

/** Two variables of one file may be written by one run. */
const oneAtATime = Effect.unsafeMakeSemaphore(1)

const textOf = (file: string): Effect.Effect<string, Files.FileTrouble | string> =>
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

/** When it was last written; `null` where there is none. A link would have to be followed or cut: neither is asked for. */
const ordinary = (file: string): Effect.Effect<number | null, Files.FileTrouble | string> =>
  Effect.flatMap(Files.absentAsNone(Files.io("look at", file, () => lstat(file))), (found) => {
    if (Option.isNone(found)) return Effect.succeed(null)
    const { ctimeMs, nlink, uid } = found.value
    if (found.value.isSymbolicLink()) return Effect.fail("it is a symbolic link; name the file that it points to")
    if (!found.value.isFile()) return Effect.fail("it is not a file")
    if (nlink > 1) return Effect.fail("the file has a second name (a hard link), which would keep the old value")
    const self = process.getuid?.()
    if (self !== undefined && uid !== self) {
      return Effect.fail(`the file belongs to another user (uid ${uid}); run this as that user`)
    }
    return Effect.succeed(ctimeMs)
  })

const failed = (target: Target) => (error: Files.FileTrouble | string) =>
  new SinkFailed({
    sink: sinkText(target),
    detail: typeof error === "string" ? error : error.detail,
    arrived: "no"
  })
