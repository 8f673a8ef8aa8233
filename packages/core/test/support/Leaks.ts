import { Cause, Context, Effect, Exit, Layer, Logger, LogLevel, Option, Tracer } from "effect"
import { inspect } from "node:util"

/** Every way in which a value can become a text that somebody reads. */
export const textsOf = (value: unknown): ReadonlyArray<string> => [
  String(value),
  attempt(() => JSON.stringify(value) ?? ""),
  inspect(value, { depth: null, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
  ...(Exit.isExit(value) && Exit.isFailure(value)
    ? [
        Cause.pretty(value.cause),
        Cause.pretty(value.cause, { renderErrorCause: true }),
        ...Array.from(Cause.failures(value.cause), textOfError)
      ]
    : [])
]

const textOfError = (error: unknown): string =>
  error instanceof Error ? `${error.message}\n${error.stack}\n${inspect(error.cause, { depth: null })}` : ""

const attempt = (make: () => string): string => {
  try {
    return make()
  } catch {
    return ""
  }
}

/** Writes down every log line and every span with all that is in it. */
export const watching = () => {
  const written: Array<string> = []
  const logger = Logger.make((entry) => {
    written.push(...[Logger.stringLogger, Logger.jsonLogger, Logger.logfmtLogger].map((format) => format.log(entry)))
    written.push(inspect(entry.message, { depth: null }), inspect([...entry.annotations], { depth: null }))
  })
  const tracer = Tracer.make({
    span: (name, parent, _context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      written.push(name)
      return {
        _tag: "Span",
        name,
        spanId: "span",
        traceId: "trace",
        parent,
        context: Context.empty(),
        status: { _tag: "Started", startTime },
        attributes,
        links,
        sampled: true,
        kind,
        end: (_, exit) => void written.push(...textsOf(exit), inspect([...attributes], { depth: null })),
        attribute: (key, value) => {
          attributes.set(key, value)
          written.push(key, inspect(value, { depth: null }))
        },
        event: (name, _, attributes) => void written.push(name, inspect(attributes, { depth: null })),
        addLinks: () => undefined
      }
    },
    context: (run) => run()
  })
  return {
    written,
    layer: Layer.mergeAll(
      Logger.replace(Logger.defaultLogger, logger),
      Logger.minimumLogLevel(LogLevel.All),
      Layer.setTracer(tracer)
    )
  }
}

export const firstLeak = (texts: Iterable<string>, secrets: ReadonlyArray<string>): Option.Option<string> => {
  for (const text of texts) {
    if (secrets.some((secret) => text.includes(secret))) return Option.some(text.slice(0, 500))
  }
  return Option.none()
}

/** Runs it, logs how it ended as any program would, and gives back the exit. */
export const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(Effect.withSpan(effect, "test"))
    yield* Effect.log("ended", exit)
    if (Exit.isFailure(exit)) yield* Effect.logError(exit.cause)
    else yield* Effect.logDebug(exit.value)
    return exit
  })
