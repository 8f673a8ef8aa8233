import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"

/** How much faster than the wall the clocks of a page's emulator and of its commands run. */
const timeScale = "60"

export interface Ran {
  readonly status: number | null
  /** Both streams, in the order of arrival. */
  readonly output: string
}

/**
 * Where the commands of one page run: a folder of its own, `keysweep` on the path, an emulator with the demo account, and
 * a shell environment that carries what one block exports on to the next.
 */
export interface Bench {
  readonly run: (script: string) => Promise<Ran>
  /** Starts what runs until the bench is closed, and gives the first line that it prints. */
  readonly serve: (script: string) => Promise<string>
  readonly close: () => void
}

/** Needs the bundles of the CLI and of the emulator under `root`. */
export const openBench = async (root: string): Promise<Bench> => {
  const cli = built(join(root, "apps/cli/dist/keysweep.mjs"))
  const emulator = built(join(root, "packages/emulator/dist/bin.mjs"))
  const folder = mkdtempSync(join(tmpdir(), "keysweep-docs-"))
  const cwd = join(folder, "here")
  const env = {
    ...inherited(),
    ...shims(join(folder, "bin"), cli),
    HOME: folder,
    KEYSWEEP_HOME: join(folder, "keysweep")
  }
  const children: Array<ChildProcess> = []
  mkdirSync(cwd)

  const start = (script: string) => {
    const child = spawn("bash", ["-c", script], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true })
    children.push(child)
    return child
  }

  const run = (script: string) =>
    new Promise<Ran>((resolve, reject) => {
      const exports = join(folder, "exports")
      const child = start(`[ -e "${exports}" ] && . "${exports}"
trap 'export -p > "${exports}"' EXIT
set -euo pipefail
${script}`)
      let output = ""
      const keep = (chunk: Buffer) => (output += chunk.toString("utf8"))
      child.stdout.on("data", keep)
      child.stderr.on("data", keep)
      child.on("error", reject)
      child.on("close", (status) => resolve({ status, output }))
    })

  const serve = (script: string) =>
    new Promise<string>((resolve, reject) => {
      const child = start(script)
      let complaint = ""
      child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("utf8")))
      createInterface({ input: child.stdout }).once("line", resolve)
      child.on("error", reject)
      child.on("close", (status) =>
        reject(new Error(`ended with ${status} before it said anything: ${script}\n${complaint}`))
      )
    })

  const close = () => {
    for (const { pid, exitCode, signalCode } of children) {
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL")
    }
    rmSync(folder, { recursive: true, force: true })
  }

  const first = await serve(
    `exec "${process.execPath}" "${emulator}" --port 0 --json --seed demo --time-scale ${timeScale}`
  )
  const { url, apiKey } = JSON.parse(first)
  Object.assign(env, { ELECTRONHUB_BASE_URL: url, ELECTRONHUB_API_KEY: apiKey, KEYSWEEP_TIME_SCALE: timeScale })
  return { run, serve, close }
}

const built = (file: string): string => {
  if (!existsSync(file)) throw new Error(`${file} is not built: run the bundle script first`)
  return file
}

/** The caller's environment without what would lead a command to the caller's own account. */
const inherited = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:KEYSWEEP|ELECTRONHUB|VITEST)/.test(name))),
  NO_COLOR: "1"
})

/** `keysweep` and `npx keysweep` are the bundle of this checkout. */
const shims = (folder: string, cli: string): NodeJS.ProcessEnv => {
  const programs = {
    keysweep: `exec "${process.execPath}" "${cli}" "$@"`,
    npx: `for word; do case "$word" in -*) ;; *) break ;; esac; done
if [ "$word" = keysweep ]; then while [ "$1" != keysweep ]; do shift; done; shift; exec keysweep "$@"; fi
exec "${join(dirname(process.execPath), "npx")}" "$@"`
  }
  mkdirSync(folder)
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return { PATH: `${folder}:${process.env["PATH"] ?? ""}` }
}
