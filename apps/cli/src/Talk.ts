import { oneLine } from "@keysweep/core/SafeText"
import { Effect, Either, Layer, Logger, LogLevel } from "effect"
import { UsageError } from "./CliError.ts"
import { Output } from "./Output.ts"
import type { CommandSpec, OptionSpec } from "./Spec.ts"

const levels: { readonly [name: string]: LogLevel.LogLevel } = {
  none: LogLevel.None,
  error: LogLevel.Error,
  warning: LogLevel.Warning,
  info: LogLevel.Info,
  debug: LogLevel.Debug,
  trace: LogLevel.Trace
}

/** What every command takes: how much is told of what happens underneath, on standard error. */
export const talkOptions: ReadonlyArray<OptionSpec> = [
  {
    names: ["--verbose"],
    value: undefined,
    repeats: false,
    about: "Tell of each request, wait and written file: --log-level debug."
  },
  {
    names: ["--log-level"],
    value: Object.keys(levels).join("|"),
    repeats: false,
    about: "How much is told of what happens underneath; warning without it."
  }
]

/** Takes these options out of words that {@link CommandSpec} has been held against. */
export const talkOf = (
  strict: ReadonlyArray<string>,
  spec: CommandSpec,
  help: string
): Either.Either<{ readonly level: LogLevel.LogLevel; readonly words: ReadonlyArray<string> }, UsageError> => {
  const words: Array<string> = []
  let verbose = false
  let named: string | undefined
  for (let at = 0; at < strict.length; at++) {
    const word = strict[at] ?? ""
    if (word === "--") {
      words.push(...strict.slice(at))
      break
    }
    const takesValue = spec.options.some(({ names, value }) => value !== undefined && names.includes(word))
    if (word === "--verbose") verbose = true
    else if (word === "--log-level") named = strict[++at]
    else words.push(word, ...(takesValue ? strict.slice(++at, at + 1) : []))
  }
  if (named === undefined) return Either.right({ level: verbose ? LogLevel.Debug : LogLevel.Warning, words })
  const level = Object.hasOwn(levels, named) ? levels[named] : undefined
  return level === undefined
    ? Either.left(
        new UsageError({
          detail: `--log-level takes ${Object.keys(levels).join(", ")}; "${oneLine(named, 40)}" is none of them.`,
          next: [help]
        })
      )
    : Either.right({ level, words })
}

/** Effect's own log, a line each, above what is drawn. I8: no cause, and no secret in what is left. */
export const talkLayer = (level: LogLevel.LogLevel): Layer.Layer<never, never, Output> =>
  Layer.unwrapEffect(
    Effect.map(Output, ({ err }) => {
      const logger = Logger.make<unknown, void>(({ date, logLevel, message }) => {
        const text = (Array.isArray(message) ? message : [message]).filter((part) => typeof part === "string").join(" ")
        const time = date.toISOString().slice(11, 23)
        err.line(err.style.dim(`${time} ${logLevel.label.toLowerCase().padEnd(5)} ${oneLine(text, 400)}`))
      })
      return Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(level))
    })
  )
