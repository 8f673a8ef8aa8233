import { NodeRuntime } from "@effect/platform-node"
import { exitCodeOf } from "@keysweep/revocation/Outcome"
import { nearest } from "@keysweep/revocation/Suggest"
import { Cause, Effect, Either, Exit, Layer, Option } from "effect"
import { UsageError } from "./CliError.ts"
import { completeWord } from "./completion/Scripts.ts"
import { Deeds } from "./Deeds.ts"
import { depart } from "./Departure.ts"
import { groupHelp, topicHelp } from "./Help.ts"
import { GivenAccount } from "./GivenAccount.ts"
import { Output, print, printDocument } from "./Output.ts"
import { errorDocument, errorText } from "./render/ErrorText.ts"
import { errorReport, type ErrorReport, type Failure, fault, interrupted, unwritable } from "./Report.ts"
import { root } from "./root.ts"
import { secretAmong } from "./SecretGuard.ts"
import type { Services } from "./Services.ts"
import { telemetryLayer } from "./Telemetry.ts"
import { find } from "./Tree.ts"

/** Runs one command line and ends the process with the exit code of its outcome. */
export const main = (typed: ReadonlyArray<string>): void =>
  program(typed).pipe(
    Effect.withSpan(`keysweep ${typed.find((word) => !word.startsWith("-")) ?? ""}`.trimEnd()),
    Effect.provide(Layer.mergeAll(Output.layer, Deeds.layer, GivenAccount.layer, telemetryLayer)),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      disablePrettyLogger: true,
      teardown: (exit, end) => {
        depart(Exit.isSuccess(exit) ? Number(exit.value) : isEmulator(typed) ? 0 : exitCodeOf("interrupted"), end)
      }
    })
  )

/** The exit code of one command line. Everything that goes wrong has been said by then, once. */
export const program = (typed: ReadonlyArray<string>): Effect.Effect<number, never, Services> =>
  Effect.gen(function* () {
    const json = typed.includes("--json")
    const { told } = yield* Deeds
    const { out } = yield* Output
    const ended = command(typed).pipe(
      Effect.as(0),
      Effect.catchAllCause((cause) => {
        const failure = Cause.failureOption(cause)
        if (Option.isNone(failure)) return Effect.flatMap(told, (changed) => say(fault(changed), json))
        const report = errorReport(failure.value, typed)
        return failure.value._tag === "Ended" ? Effect.succeed(report.exit) : say(report, json)
      }),
      Effect.onInterrupt(() =>
        isEmulator(typed) ? Effect.void : Effect.flatMap(told, (changed) => say(interrupted(changed), json))
      )
    )
    const code = yield* ended
    const trouble = yield* out.trouble
    return trouble === null ? code : yield* Effect.flatMap(told, (changed) => say(unwritable(trouble, changed), false))
  })

const command = (typed: ReadonlyArray<string>): Effect.Effect<void, Failure, Services> =>
  Effect.gen(function* () {
    const secret = secretAmong(typed)
    if (Option.isSome(secret) && !isEmulator(typed)) return yield* secret.value

    if (typed[0] === completeWord) {
      const { answer } = yield* Effect.promise(() => import("./completion/Answer.ts"))
      return yield* answer(typed.slice(1), root, topicNames)
    }
    const [help, topic = "", more] = typed
    if (help === "help" && more === undefined && topicNames.includes(topic)) return yield* explainTopic(topic)
    const { asksHelp, words } = helpAsked(typed)
    const page = help === "help" ? nearest(topic, topicNames) : undefined
    const { node, path, rest } = yield* Either.mapLeft(find(root, words), (error) =>
      page === undefined
        ? error
        : new UsageError({
            detail: `keysweep has no help of that name. Did you mean: keysweep help ${page}?`,
            next: [`keysweep help ${page}`]
          })
    )
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

/** Pages that are no command's; loaded when they are asked for. */
const topicNames = ["selection", "outcomes", "files", "environment"]

const explainTopic = (name: string): Effect.Effect<void, never, Output> =>
  Effect.gen(function* () {
    const { topics } = yield* Effect.promise(() => import("./HelpTopics.ts"))
    const { out } = yield* Output
    const page = topics[name]
    if (page !== undefined) yield* print(topicHelp(page, out.style, yield* out.width))
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
