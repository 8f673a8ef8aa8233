import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Option } from "effect"
import { UsageError } from "./CliError.ts"
import { help } from "./Help.ts"
import { Output, print, printDocument } from "./Output.ts"
import { errorDocument, errorReport, type ErrorReport, errorText, type Failure, fault, interrupted } from "./Report.ts"
import { root } from "./root.ts"
import { secretAmong } from "./SecretGuard.ts"
import type { Services } from "./Services.ts"
import { find } from "./Tree.ts"
import { version } from "./Version.ts"

/** Runs one command line and ends the process with the exit code of its outcome. */
export const main = (typed: ReadonlyArray<string>): void =>
  program(typed).pipe(
    Effect.provide(Output.layer),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      disablePrettyLogger: true,
      teardown: (exit, end) => {
        const code = Exit.isSuccess(exit) ? Number(exit.value) : interrupted.exit
        process.exitCode = code
        end(code)
      }
    })
  )

/** The exit code of one command line. Everything that goes wrong has been said by then, once. */
export const program = (typed: ReadonlyArray<string>): Effect.Effect<number, never, Services> => {
  const json = typed.includes("--json")
  return command(typed).pipe(
    Effect.as(0),
    Effect.catchAllCause((cause) => {
      const failure = Cause.failureOption(cause)
      if (Option.isSome(failure) && failure.value._tag === "Ended") return Effect.succeed(errorReport(failure.value).exit)
      return say(Option.isSome(failure) ? errorReport(failure.value) : fault, json)
    }),
    Effect.onInterrupt(() => say(interrupted, json))
  )
}

const command = (typed: ReadonlyArray<string>): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const secret = secretAmong(typed)
    if (Option.isSome(secret)) return yield* secret.value

    const beforeEnd = typed.includes("--") ? typed.slice(0, typed.indexOf("--")) : typed
    const asksHelp = beforeEnd.includes("--help") || beforeEnd.includes("-h")
    if (beforeEnd.includes("--version") && typed.length === 1) return yield* print(version)
    const words = typed[0] === "help" ? typed.slice(1) : typed
    const found = yield* find(root, asksHelp ? words.filter((word) => word !== "--help" && word !== "-h") : words)

    if (asksHelp || typed[0] === "help" || (found.node.kind === "group" && found.path === root.name && found.rest.length === 0)) {
      const { out } = yield* Output
      return yield* print(help(found, out.style, Math.min(100, yield* out.width)))
    }
    if (found.node.kind === "group") {
      const [option] = found.rest
      return yield* new UsageError({
        detail:
          option === undefined
            ? `${found.path} needs one more word: ${found.node.children.map(({ name }) => name).join(", ")}.`
            : `${found.path} needs a command before its options.`,
        next: [`${found.path} --help`]
      })
    }
    yield* found.node.run(found.rest, found.path)
  })

const say = (report: ErrorReport, json: boolean): Effect.Effect<number, never, Output> =>
  Effect.gen(function* () {
    const { err } = yield* Output
    if (json) yield* printDocument(errorDocument(report))
    else yield* err.write(`${errorText(report, err.style, yield* err.width)}\n`)
    return report.exit
  })
