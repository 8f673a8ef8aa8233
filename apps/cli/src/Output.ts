import { Config, Context, Effect, Layer, Option } from "effect"
import { errorCode } from "./ErrorCode.ts"
import { makeLiveBlock } from "./LiveBlock.ts"
import { speechless } from "./render/Speechless.ts"
import { type Style, styleOf } from "./render/Style.ts"

/** One of the two streams that people read. */
export interface Sink {
  readonly write: (text: string) => Effect.Effect<void>
  /** Byte for byte: for what is verified elsewhere. */
  readonly verbatim: (text: string) => Effect.Effect<void>
  /** One line, at once: for a log, which cannot wait. */
  readonly line: (text: string) => void
  /** What kept a text from being written, but for a reader that left: that ends the talking, never the work. */
  readonly trouble: Effect.Effect<string | null>
  readonly isTerminal: boolean
  /** Whether lines can be drawn over: it is a terminal, and not a dumb one. */
  readonly isLive: boolean
  /** Draws these lines at the bottom, in place of those that were drawn last; everything else is written above them. */
  readonly live: (lines: ReadonlyArray<string>) => Effect.Effect<void>
  /** Nothing is drawn meanwhile: somebody is being asked. */
  readonly still: <A, E, R>(use: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Rows of the terminal. */
  readonly height: Effect.Effect<number>
  /** Columns of the terminal, or `COLUMNS`; without either a line may be as long as it likes. */
  readonly width: Effect.Effect<number>
  readonly style: Style
}

/** Documents and tables go to `out`; progress, questions and complaints to `err`. */
export class Output extends Context.Tag("keysweep/Output")<Output, { readonly out: Sink; readonly err: Sink }>() {
  static readonly layer = Layer.effect(
    Output,
    Effect.gen(function* () {
      const variable = (name: string) =>
        Config.string(name).pipe(
          Config.option,
          Effect.map(Option.filter((text) => text !== "")),
          Effect.orElseSucceed(() => Option.none<string>())
        )
      const noColour = Option.isSome(yield* variable("NO_COLOR"))
      const forced = Option.isSome(Option.filter(yield* variable("FORCE_COLOR"), (level) => level !== "0"))
      const dumb = Option.contains(yield* variable("TERM"), "dumb")
      const columns = Option.filter(Option.map(yield* variable("COLUMNS"), Number), (n) => Number.isInteger(n) && n > 0)
      const sink = (stream: NodeJS.WriteStream): Sink => {
        let trouble: string | null = null
        stream.on("error", (error) => {
          const code = errorCode(error)
          if (code !== "EPIPE") trouble ??= code
        })
        const isTerminal = stream.isTTY === true
        const isLive = isTerminal && !dumb
        const block = makeLiveBlock(() => stream.columns || 80)
        // After Ctrl-Z and fg the shell's own lines stand between.
        if (isLive) process.on("SIGCONT", block.forget)
        let asked = 0
        const verbatim = (text: string) =>
          Effect.async<void>((resume) => {
            stream.write(block.erase() + text, () => resume(Effect.void))
          })
        return {
          write: (text) => verbatim(speechless(text)),
          verbatim,
          line: (text) => void stream.write(`${block.erase()}${speechless(text)}\n`),
          trouble: Effect.sync(() => trouble),
          isTerminal,
          isLive,
          live: (lines) =>
            Effect.sync(() => {
              const text = isLive && asked === 0 ? block.draw(lines.map(speechless)) : ""
              if (text !== "") stream.write(text)
            }),
          still: (use) =>
            Effect.acquireUseRelease(
              Effect.sync(() => asked++),
              () => use,
              () => Effect.sync(() => asked--)
            ),
          height: Effect.sync(() => stream.rows || 24),
          width: Effect.sync(() =>
            isTerminal ? stream.columns || 80 : Option.getOrElse(columns, () => Number.POSITIVE_INFINITY)
          ),
          style: styleOf(!noColour && (forced || (isTerminal && !dumb)))
        }
      }
      return Output.of({ out: sink(process.stdout), err: sink(process.stderr) })
    })
  )
}

/** One line (or several) on standard output. */
export const print = (text: string): Effect.Effect<void, never, Output> =>
  Effect.flatMap(Output, ({ out }) => out.write(`${text}\n`))

/**
 * The one document of `--json`. Characters that a terminal would act on, or that a runner of workflows would take for a
 * command, are escaped, so that it may also be looked at: JSON itself escapes only some of them.
 */
export const printDocument = (document: object): Effect.Effect<void, never, Output> =>
  print(
    JSON.stringify(document, null, 2).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|#(?=#(?:vso)?\[)/gu, (text) =>
      text === "\n" ? text : escaped(text)
    )
  )

const escaped = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")
