import { Effect, Either, type Option } from "effect"
import { constants } from "node:fs"
import { access, readdir, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { makeAccount } from "@keysweep/core/Account"
import { home } from "../Environment.ts"
import { errorCode } from "../ErrorCode.ts"
import { account, type GivenAccount } from "../GivenAccount.ts"
import { errorReport, type Failure } from "../Report.ts"
import { settings } from "../SettingsFile.ts"
import { version } from "../Version.ts"
import { fail, type Judged, ok, warn } from "./Check.ts"

/** What can be told without a request: program, folders, settings, credentials. */
export const machine = (label: Option.Option<string>): Effect.Effect<ReadonlyArray<Judged>, never, GivenAccount> =>
  Effect.gen(function* () {
    const folder = yield* home
    return [
      program,
      yield* homeCheck(folder),
      ...(yield* modes(folder)),
      yield* settingsCheck,
      yield* credentials(label)
    ]
  })

const program: Judged = ok("program", `keysweep ${version} on Node ${process.versions.node}, ${process.platform}`)

/** The reason of an error as a check that failed. */
export const failed = (check: string, error: Failure): Judged => {
  const { details, message, next, outcome } = errorReport(error, ["doctor"])
  return fail(check, [message, ...details].join(" "), next[0] ?? null, outcome)
}

const homeCheck = (folder: string): Effect.Effect<Judged> =>
  Effect.gen(function* () {
    const there = yield* status(folder)
    if (there === null) {
      const parent = yield* firstThere(dirname(folder))
      return (yield* writable(parent))
        ? ok("home", `${folder} is not there yet: the first command that keeps something makes it`)
        : fail("home", `${folder} is not there and cannot be made`, `allow yourself to write to ${parent}`, "records")
    }
    if (!there.isDirectory()) {
      return fail("home", `${folder} is no folder`, "set KEYSWEEP_HOME to another place", "records")
    }
    return (yield* writable(folder))
      ? ok("home", folder)
      : fail("home", `${folder} cannot be written`, `chmod u+rwx ${folder}`, "records")
  })

/** Folders and files that only their owner should be able to read. Windows has no such modes. */
const modes = (folder: string): Effect.Effect<ReadonlyArray<Judged>> =>
  Effect.gen(function* () {
    if (process.platform === "win32") return []
    const names = yield* Effect.orElseSucceed(
      Effect.tryPromise(() => readdir(folder)),
      (): ReadonlyArray<string> => []
    )
    const open: Array<string> = []
    for (const path of [folder, ...names.map((name) => join(folder, name))]) {
      const found = yield* status(path)
      if (found !== null && (found.mode & 0o077) !== 0) open.push(path)
    }
    if (names.length === 0) return []
    return [
      open.length === 0
        ? ok("modes", "nobody else can read what is in the home folder")
        : warn("modes", `others can read ${open.join(", ")}`, `chmod go-rwx ${open.join(" ")}`)
    ]
  })

const settingsCheck: Effect.Effect<Judged> = Effect.match(settings, {
  onFailure: (error) => failed("settings", error),
  onSuccess: ({ source }) =>
    source === null
      ? warn("settings", "there are none: no caps, no protected keys, nobody is notified", "keysweep init")
      : ok("settings", source.file)
})

const credentials = (label: Option.Option<string>): Effect.Effect<Judged, never, GivenAccount> =>
  Effect.gen(function* () {
    const { baseUrl, timeScale } = yield* Effect.flatMap(account(label), (options) =>
      Either.map(makeAccount(options), (it) => it)
    )
    const scaled = timeScale === 1 ? "" : `, time runs ${timeScale} times as fast`
    return ok("credentials", `a master key for ${baseUrl}${scaled}`)
  }).pipe(Effect.catchAll((error) => Effect.succeed(failed("credentials", error))))

const status = (path: string) =>
  Effect.orElseSucceed(
    Effect.tryPromise(() => stat(path)),
    () => null
  )

const writable = (path: string): Effect.Effect<boolean> =>
  Effect.match(
    Effect.tryPromise({ try: () => access(path, constants.R_OK | constants.W_OK | constants.X_OK), catch: errorCode }),
    { onFailure: () => false, onSuccess: () => true }
  )

const firstThere = (path: string): Effect.Effect<string> =>
  Effect.flatMap(status(path), (found) =>
    found !== null || dirname(path) === path ? Effect.succeed(path) : firstThere(dirname(path))
  )
