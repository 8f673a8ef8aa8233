import { type ChildProcess, spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { Either, Schema } from "effect"
import { Job, Report } from "./child/Job.ts"

/** How a child ended: with its report, or killed. A child that did neither is a defect of the run. */
export type ChildEnd = { readonly _tag: "Killed" } | { readonly _tag: "Ended"; readonly report: Report }

/**
 * Runs one child to its end. `killAfter`: SIGKILL so many milliseconds after it has begun, unless it was quicker.
 *
 * @param file where the job is written: outside of the home
 */
export const runChild = (
  program: string,
  file: string,
  job: Job,
  killAfter: number | null = null
): Promise<ChildEnd> => {
  writeFileSync(file, JSON.stringify(Schema.encodeSync(Job)(job)))
  const child = spawn(process.execPath, [program, file], { env: environment(), stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  let errors = ""
  let timer: NodeJS.Timeout | undefined
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text
    if (killAfter !== null && timer === undefined && output.startsWith("began\n")) {
      timer = setTimeout(() => child.kill("SIGKILL"), killAfter)
    }
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text))
  return new Promise((resolve, reject) => {
    const tooLong = setTimeout(() => child.kill("SIGABRT"), longest)
    child.once("error", reject)
    child.once("close", (status, signal) => {
      clearTimeout(timer)
      clearTimeout(tooLong)
      if (signal === "SIGKILL") return resolve({ _tag: "Killed" })
      const report = Schema.decodeUnknownEither(Schema.parseJson(Report))(output.trim().split("\n").at(-1))
      if (Either.isRight(report)) return resolve({ _tag: "Ended", report: report.right })
      reject(new Error(`a child ended with ${signal ?? status} and without a report: ${errors.slice(-2000)}`))
    })
  })
}

/** Milliseconds: no task of ours takes longer, unless it hangs. */
const longest = 120_000

/** The caller's environment without what would lead a program to the caller's own account. */
export const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:KEYSWEEP|ELECTRONHUB)/.test(name))),
  NO_COLOR: "1"
})

/** Ends a process that serves, and waits until it is gone. */
export const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("close", () => resolve())
    child.kill()
  })
