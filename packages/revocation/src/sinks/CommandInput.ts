import { withoutSecrets } from "@keysweep/core/SafeText"
import { Config, Effect, Option, Redacted } from "effect"
import { spawn } from "node:child_process"
import { access, constants } from "node:fs/promises"
import { delimiter, isAbsolute, join } from "node:path"
import { SinkFailed } from "./SinkFailed.ts"
import { sinkText } from "./SinkTarget.ts"

interface Target {
  readonly kind: "command"
  readonly argv: ReadonlyArray<string>
}

/** The program is there. Whether it does what it is meant to do only a run of it shows. */
export const check = (target: Target): Effect.Effect<void, SinkFailed> =>
  Effect.gen(function* () {
    const [program = ""] = target.argv
    const path = yield* Config.withDefault(Config.string("PATH"), "")
    const places =
      isAbsolute(program) || /[\\/]/.test(program)
        ? [program]
        : path.split(delimiter).map((folder) => join(folder, program))
    yield* Effect.firstSuccessOf(places.map((it) => Effect.tryPromise(() => access(it, constants.X_OK))))
  }).pipe(
    Effect.mapError(
      () =>
        new SinkFailed({
          sink: sinkText(target),
          detail: "there is no such program, or it cannot be run",
          arrived: "no"
        })
    )
  )

/**
 * Runs a program, without a shell, with the value and nothing else on its standard input. It has 30 s; its own words are
 * not shown, because the value may be among them. Exit code 0 is taken for yes.
 */
export const deliver = (target: Target, value: Redacted.Redacted): Effect.Effect<void, SinkFailed> =>
  Effect.async<void, SinkFailed>((resume) => {
    const [program = "", ...args] = target.argv
    const child = Option.getOrNull(started(program, args))
    if (child === null) return resume(failed(target, "it cannot be started"))
    let read = true
    // How it ended is what tells, but for a program that says yes to a value that it has not read.
    child.stdin.on("error", () => (read = false))
    child.once("error", () => resume(failed(target, "it cannot be started")))
    child.once("close", (code, signal) => {
      if (code !== 0) resume(failed(target, code === null ? `it was ended by ${signal}` : `it ended with ${code}`))
      else resume(read ? Effect.void : failed(target, "it ended with 0 and has not read the value"))
    })
    child.stdin.end(Redacted.value(value))
    return Effect.sync(() => child.kill("SIGKILL"))
  }).pipe(Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => failed(target, "it did not end within 30 s") }))

/** `None`: what Node throws, instead of telling it as an event. */
const started = Option.liftThrowable((program: string, args: ReadonlyArray<string>) =>
  spawn(program, args, { stdio: ["pipe", "ignore", "ignore"], shell: false, env: withoutOurs(process.env) })
)

/** I8: the program is given one new value. What this one was started with, a master key above all, is not its business. */
const withoutOurs = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value = ""]) => !name.startsWith("KEYSWEEP_") && withoutSecrets(value) === value
    )
  )

/** It may have kept the value all the same. */
const failed = (target: Target, detail: string) =>
  new SinkFailed({ sink: sinkText(target), detail, arrived: "unknown" })
