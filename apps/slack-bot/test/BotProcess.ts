import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { inject } from "vitest"
import { eventually } from "./World.ts"

export interface Running {
  readonly child: ChildProcess
  readonly output: () => string
  readonly url: string
}

/** The published file, as a process of its own. It ends with the scope at the latest. */
export const running = (environment: ReadonlyMap<string, string>) =>
  Effect.gen(function* () {
    const started = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const child = spawn(process.execPath, [inject("main")], {
          env: { ...Object.fromEntries(environment), PATH: process.env["PATH"] ?? "" },
          stdio: ["ignore", "pipe", "pipe"]
        })
        let output = ""
        child.stdout.on("data", (chunk) => (output += String(chunk)))
        child.stderr.on("data", (chunk) => (output += String(chunk)))
        return { child, output: () => output }
      }),
      ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const port = yield* eventually("listening", () => /Listening on port (\d+)/.exec(started.output())?.[1])
    const running: Running = { ...started, url: `http://127.0.0.1:${port}` }
    return running
  })

export const stopped = ({ child }: Running, signal: NodeJS.Signals) =>
  Effect.promise(async () => {
    const ended = once(child, "exit")
    child.kill(signal)
    const [code] = await ended
    return code
  })

/** The process of the bot's own database. */
export const postmaster = (home: string) => {
  const file = join(home, "postgres", "data", "postmaster.pid")
  return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : null
}

/** It would outlive a bot that was killed. */
export const endDatabase = (home: string) =>
  Effect.sync(() => {
    const pid = postmaster(home)
    if (pid !== null) process.kill(pid, "SIGQUIT")
  })
