import { Effect, Schema } from "effect"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join, relative, sep } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { FileRefused } from "./ActionError.ts"
import { errorCode } from "./ErrorCode.ts"

/** Which step left the state of a home folder. */
export const Origin = Schema.Struct({ command: Schema.String, run: Schema.String, attempt: Schema.Int })
export type Origin = typeof Origin.Type

/**
 * What of a home folder outlives a machine: log, backups, the last inventory, what is known of the account and of its
 * rate limit. No lock, no key, no settings: nothing that could decide something by being put there.
 */
const kept =
  /^(?:accounts\/acct_[a-z2-7]{16}\/(?:log\/[\w-]+(?:\.[\w-]+)*|backups\/[\w-]+\.(?:age|json)|inventory\.json)|credentials\/acct_[a-z2-7]{16}\/(?:pacer|account)\.json)$/

const Path = Schema.String.pipe(Schema.pattern(kept))

const Archive = Schema.parseJson(
  Schema.Struct({
    schema: Schema.Literal("keysweep.action-state/1"),
    origin: Origin,
    files: Schema.Record({ key: Path, value: Schema.Uint8ArrayFromBase64 })
  })
)
const encode = Schema.encode(Archive)
const decode = Schema.decodeUnknown(Archive, { onExcessProperty: "error" })

/** The state in a home folder as one file; nothing where there is none. */
export const pack = (home: string, origin: Origin): Effect.Effect<Uint8Array | null, FileRefused> =>
  Effect.gen(function* () {
    const names = yield* filesIn(home)
    if (names.length === 0) return null
    const files = yield* Effect.forEach(names, (name) =>
      Effect.map(
        io("read", join(home, name), (path) => readFile(path)),
        (bytes) => [name, bytes] as const
      )
    )
    const text = yield* encode({ schema: "keysweep.action-state/1", origin, files: Object.fromEntries(files) })
    return gzipSync(text)
  }).pipe(Effect.catchTag("ParseError", () => new FileRefused({ detail: "The state cannot be packed." })))

/** Puts a state back into an empty home folder, and says which step left it. */
export const unpack = (home: string, packed: Uint8Array): Effect.Effect<Origin, FileRefused> =>
  Effect.gen(function* () {
    if ((yield* filesIn(home)).length > 0) {
      return yield* new FileRefused({
        detail: "The home folder holds records already: state-in is for the first step of a job."
      })
    }
    const text = yield* Effect.try({ try: () => gunzipSync(packed).toString("utf8"), catch: () => noState })
    const { files, origin } = yield* Effect.mapError(decode(text), () => noState)
    yield* Effect.forEach(Object.entries(files), ([name, bytes]) =>
      io("write", join(home, name), (path) =>
        mkdir(dirname(path), { recursive: true, mode: 0o700 }).then(() =>
          writeFile(path, bytes, { flag: "wx", mode: 0o600 })
        )
      )
    )
    return origin
  })

const filesIn = (home: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.tryPromise(() => readdir(home, { recursive: true, withFileTypes: true })).pipe(
    Effect.orElseSucceed(() => []),
    Effect.map((entries) =>
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(home, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((name) => kept.test(name))
        .sort()
    )
  )

const noState = new FileRefused({ detail: "state-in is not what a step of this version has left." })

const io = <A>(doing: string, path: string, run: (path: string) => Promise<A>): Effect.Effect<A, FileRefused> =>
  Effect.tryPromise({
    try: () => run(path),
    catch: (cause) =>
      new FileRefused({ detail: `${path} cannot be ${doing === "read" ? "read" : "written"} (${errorCode(cause)}).` })
  })
