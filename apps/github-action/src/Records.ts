import { Seal } from "@keysweep/audit/Seal"
import * as SealAge from "@keysweep/audit/SealAge"
import { signingIdentity } from "@keysweep/audit/SigningIdentity"
import { Context, Effect, Either, Layer, Redacted } from "effect"
import { mkdir, mkdtemp, readFile, stat, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { FileRefused, RecordsRefused } from "./ActionError.ts"
import { type Origin, pack, unpack } from "./HomeArchive.ts"
import type { Inputs } from "./Inputs.ts"
import { errorCode } from "./ErrorCode.ts"
import type { Workflow } from "./Workflow.ts"

/**
 * The files of a step that outlive the runner, in one folder for `actions/upload-artifact`, and those of an earlier step
 * that are taken in again.
 */
export class Records extends Context.Tag("@keysweep/github-action/Records")<
  Records,
  {
    readonly folder: string
    /** Keeps a document under a name, or at a path of its own, never over another; its path. Sealed if it is not for everybody. */
    readonly keep: (
      file: { readonly name: string; readonly at?: string },
      content: string | Uint8Array,
      audience: Audience
    ) => Effect.Effect<string, FileRefused>
    /** A document as it was kept, opened if it was sealed. */
    readonly read: (path: string) => Effect.Effect<string, FileRefused>
    /** The state of the home folder, sealed for the next step; nothing without a signing key, or where there is no state. */
    readonly leave: Effect.Effect<string | null, FileRefused>
    /** Who left the state that was taken in; `null`: none was. */
    readonly takenFrom: Origin | null
  }
>() {
  static readonly layer = (inputs: Inputs, place: Workflow, home: string) =>
    Layer.effect(Records, make(inputs, place, home))
}

/**
 * Who may read a document where artifacts are public: everybody (it names nobody), the recipients of backups, or they and
 * the next step, which has the signing key.
 */
export type Audience = "everybody" | "recipients" | "recipients and steps"

const make = (inputs: Inputs, place: Workflow, home: string) =>
  Effect.gen(function* () {
    const folder = yield* io("made", place.temp, () => mkdtemp(join(place.temp, "keysweep-records-")))
    const own = yield* ownSeal(inputs)
    const publicly = !place.showsNames

    const read = (path: string) =>
      Effect.flatMap(
        io("read", path, () => readFile(path)),
        (bytes) => (isSealed(bytes) ? open(path, bytes) : Effect.succeed(bytes))
      )
    const open = (path: string, bytes: Uint8Array): Effect.Effect<Uint8Array, FileRefused> =>
      own === null
        ? new FileRefused({ detail: `${path} is sealed: it takes the signing-key of the step that made it.` })
        : Effect.mapError(
            own.alone.open(bytes),
            () => new FileRefused({ detail: `${path} was not sealed with this signing-key, or was changed since.` })
          )

    const takenFrom = inputs["state-in"] === "" ? null : yield* takeIn(inputs["state-in"], home, open)

    const write = (path: string, bytes: Uint8Array) =>
      io("saved", path, () =>
        mkdir(dirname(path), { recursive: true, mode: 0o700 }).then(() =>
          writeFile(path, bytes, { flag: "wx", mode: 0o600 })
        )
      ).pipe(Effect.as(path))

    const sealed = (bytes: Uint8Array, audience: "recipients" | "recipients and steps") =>
      (audience === "recipients" || own === null
        ? Effect.flatMap(Seal, (seal) => seal.seal(bytes)).pipe(
            Effect.provide(SealAge.layerRecipients(inputs.recipients))
          )
        : own.shared.seal(bytes)
      ).pipe(Effect.mapError((error) => new FileRefused({ detail: error.message })))

    return Records.of({
      folder,
      keep: ({ at, name }, content, audience) => {
        const seals = publicly && audience !== "everybody"
        const path = at === undefined || at === "" ? join(folder, seals ? `${name}.age` : name) : resolve(at)
        const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content
        return seals ? Effect.flatMap(sealed(bytes, audience), (it) => write(path, it)) : write(path, bytes)
      },
      read: (path) => Effect.map(read(path), (bytes) => Buffer.from(bytes).toString("utf8")),
      leave: Effect.gen(function* () {
        if (own === null) return null
        const packed = yield* pack(home, { command: inputs.command, run: place.run, attempt: place.attempt })
        if (packed === null) return null
        const state = yield* Effect.mapError(
          own.alone.seal(packed),
          ({ message }) => new FileRefused({ detail: message })
        )
        return yield* write(join(folder, stateName), state)
      }),
      takenFrom
    })
  })

const stateName = "state.age"

/** The file, or the folder of an artifact that holds it. */
const takeIn = (
  given: string,
  home: string,
  open: (path: string, sealed: Uint8Array) => Effect.Effect<Uint8Array, FileRefused>
): Effect.Effect<Origin, RecordsRefused> =>
  Effect.gen(function* () {
    const isFolder = yield* io("read", given, () => stat(given).then((it) => it.isDirectory()))
    const path = isFolder ? join(given, stateName) : given
    // Never one that is not sealed: anybody could have written that.
    const sealed = yield* io("read", path, () => readFile(path))
    return yield* unpack(home, yield* open(path, sealed))
  }).pipe(Effect.mapError(({ detail }) => new RecordsRefused({ detail: `${detail} Nothing was changed.` })))

interface OwnSeal {
  /** Nobody else can open it, nor make it: whoever opens what is sealed for more can put something else in its place. */
  readonly alone: typeof Seal.Service
  /** For the recipients, too. */
  readonly shared: typeof Seal.Service
}

/** Of the signing key's holders; `null` without a signing key. */
const ownSeal = (inputs: Inputs): Effect.Effect<OwnSeal | null> => {
  const key = inputs["signing-key"]
  const identity = key === "" ? Either.left(null) : signingIdentity("signing-key", Redacted.make(key))
  const seal = (it: Redacted.Redacted, also: ReadonlyArray<string>) =>
    Effect.provide(Seal, SealAge.layerIdentity(it, also))
  return Either.match(identity, {
    onLeft: () => Effect.succeed(null),
    onRight: (it) => Effect.all({ alone: seal(it, []), shared: seal(it, inputs.recipients) })
  })
}

const isSealed = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 21)).toString("latin1") === "age-encryption.org/v1"

const io = <A>(done: string, path: string, run: () => Promise<A>): Effect.Effect<A, FileRefused> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => new FileRefused({ detail: `${path} cannot be ${done} (${errorCode(cause)}).` })
  })
