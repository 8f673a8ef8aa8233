import { inspectAge } from "@keysweep/audit/AgeFile"
import { Seal } from "@keysweep/audit/Seal"
import * as SealAge from "@keysweep/audit/SealAge"
import * as Files from "@keysweep/audit/store/Files"
import { Effect, Either, Option, Redacted } from "effect"
import { access, constants } from "node:fs/promises"
import { dirname } from "node:path"
import { SinkFailed } from "./SinkFailed.ts"
import { sinkText } from "./SinkTarget.ts"

interface Target {
  readonly kind: "age"
  readonly file: string
  readonly recipients: ReadonlyArray<string>
}

/** The recipients are recipients, and what is at this place, if anything, is an age file. */
export const check = (target: Target): Effect.Effect<void, SinkFailed> =>
  Effect.gen(function* () {
    yield* sealed(target, Buffer.from("check"))
    yield* Files.io("write into the folder of", target.file, () => access(dirname(target.file), constants.W_OK))
    const there = yield* Files.readWhole(target.file)
    if (Option.isSome(there) && Either.isLeft(inspectAge(there.value))) {
      return yield* Effect.fail("what is there now is not an age file; it is left alone")
    }
  }).pipe(Effect.mapError(failed(target)))

/**
 * Encrypts the value, and nothing but the value, for the recipients; in place of the age file before. What is on disk is
 * compared with what was encrypted; that it opens only a recipient can tell.
 */
export const deliver = (target: Target, value: Redacted.Redacted): Effect.Effect<void, SinkFailed> =>
  Effect.gen(function* () {
    yield* check(target)
    const bytes = yield* sealed(target, Buffer.from(Redacted.value(value)))
    yield* Files.replaceFile(target.file, bytes)
    const there = yield* Files.readWhole(target.file)
    if (!Option.exists(there, (back) => Buffer.from(back).equals(bytes))) {
      return yield* Effect.fail("the file does not read back as it was written")
    }
  }).pipe(Effect.mapError((error) => (error instanceof SinkFailed ? error : failed(target)(error))))

const sealed = (target: Target, content: Uint8Array) =>
  Effect.flatMap(Seal, (seal) => seal.seal(content)).pipe(
    Effect.provide(SealAge.layerRecipients(target.recipients)),
    Effect.mapError(({ detail }) => detail)
  )

const failed = (target: Target) => (error: Files.FileTrouble | string) =>
  new SinkFailed({
    sink: sinkText(target),
    detail: typeof error === "string" ? error : error.detail,
    arrived: "no"
  })
