import { NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Option } from "effect"
import { UsageError } from "./CliError.ts"
import { groupHelp } from "./Help.ts"
import { Output, print, printDocument } from "./Output.ts"
import { errorDocument, errorReport, type ErrorReport, errorText, type Failure, fault, interrupted, unwritable } from "./Report.ts"
import { root } from "./root.ts"
import { secretAmong } from "./SecretGuard.ts"
import { find } from "./Tree.ts"

/** Runs one command line and ends the process with the exit code of its outcome. */
export const main = (typed: ReadonlyArray<string>): void =>
  program(typed).pipe(
    Effect.provide(Output.layer),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      disablePrettyLogger: true,
      teardown: (exit, end) => {
        end(Exit.isSuccess(exit) ? Number(exit.value) : isEmulator(typed) ? 0 : interrupted.exit)
      }
    })
  )

/** The exit code of one command line. Everything that goes wrong has been said by then, once. */
export const program = (typed: ReadonlyArray<string>): Effect.Effect<number, never, Output> => {
  const json = typed.includes("--json")
  return command(typed).pipe(
    Effect.zipRight(Effect.flatMap(Output, ({ out }) => out.trouble)),
    Effect.flatMap((trouble) => (trouble === null ? Effect.succeed(0) : say(unwritable(trouble), false))),
    Effect.catchAllCause((cause) => {
      const failure = Cause.failureOption(cause)
      if (Option.isSome(failure) && failure.value._tag === "Ended") return Effect.succeed(errorReport(failure.value).exit)
      return say(Option.isSome(failure) ? errorReport(failure.value) : fault, json)
    }),
    Effect.onInterrupt(() => (isEmulator(typed) ? Effect.void : say(interrupted, json)))
  )
}

const command = (typed: ReadonlyArray<string>): Effect.Effect<void, Failure, Output> =>
  Effect.gen(function* () {
    const secret = secretAmong(typed)
    if (Option.isSome(secret) && !isEmulator(typed)) return yield* secret.value

    const { asksHelp, words } = helpAsked(typed)
    const { node, path, rest } = yield* find(root, words)
    if (node.kind === "leaf") {
      const verb = yield* node.load
      return yield* asksHelp ? verb.help(path) : verb.run(rest, path)
    }
    if (asksHelp || typed.length === 0) {
      const { out } = yield* Output
      return yield* print(groupHelp(node, path, out.style, yield* out.width))
    }
    return yield* new UsageError({
      detail:
        rest.length === 0
          ? `${path} needs one more word: ${node.children.map(({ name }) => name).join(", ")}.`
          : `${path} needs a command before its options.`,
      next: [`${path} --help`]
    })
  })

/** Its secrets open nothing, and interruption is how it ends. */
const isEmulator = (typed: ReadonlyArray<string>): boolean => typed[0] === "emulator"

/** `keysweep help list`, `keysweep list --help` and `-h` all ask the same. */
const helpAsked = (typed: ReadonlyArray<string>) => {
  const end = typed.indexOf("--")
  const isHelp = (word: string, at: number) => (word === "--help" || word === "-h") && (end === -1 || at < end)
  const asksHelp = typed[0] === "help" || typed.some(isHelp)
  return { asksHelp, words: (typed[0] === "help" ? typed.slice(1) : typed).filter((word, at) => !isHelp(word, at)) }
}

const say = (report: ErrorReport, json: boolean): Effect.Effect<number, never, Output> =>
  Effect.gen(function* () {
    const { err } = yield* Output
    if (json) yield* printDocument(errorDocument(report))
    else yield* err.write(`${errorText(report, err.style, yield* err.width)}\n`)
    return report.exit
  })
