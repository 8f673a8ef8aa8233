import { type Command, CommandDescriptor, CommandDirective } from "@effect/cli"
import { FileSystem, Path } from "@effect/platform"
import { NodeTerminal } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { strictly } from "./Arguments.ts"
import { UsageError } from "./CliError.ts"
import { verbHelp } from "./Help.ts"
import { Output, print } from "./Output.ts"
import type { Failure } from "./Report.ts"
import type { Services } from "./Services.ts"
import { talkLayer, talkOf } from "./Talk.ts"
import { cliConfig, type CommandSpec, paragraphs, specOf } from "./Spec.ts"

/** A command with its own words. `path` is the command as typed: `keysweep plan delete`. */
export interface Verb {
  readonly help: (path: string) => Effect.Effect<void, Failure, Output>
  readonly spec: () => CommandSpec
  readonly run: (typed: ReadonlyArray<string>, path: string) => Effect.Effect<void, Failure, Services>
}

export interface VerbWords {
  readonly about: string
  /** Paragraphs. */
  readonly details?: ReadonlyArray<string>
  /** Complete command lines. */
  readonly examples?: ReadonlyArray<string>
}

/** One @effect/cli command with its words. Parsed by @effect/cli after {@link strictly} has looked at it. */
export const verb = <Name extends string, A>(
  words: VerbWords,
  command: Command.Command<Name, Services, Failure, A>
): Verb => ({
  spec: () => specOf(command),
  help: (path) =>
    Effect.gen(function* () {
      const { out } = yield* Output
      yield* print(verbHelp({ path, words, spec: specOf(command) }, out.style, yield* out.width))
    }),
  run: (typed, path) =>
    Effect.gen(function* () {
      const help = `${path} --help`
      const [name = ""] = path.split(" ").slice(-1)
      const spec = specOf(command)
      const { level, words } = yield* talkOf(yield* strictly(typed, spec, help), spec, help)
      const directive = yield* CommandDescriptor.parse(command.descriptor, [name, ...words], cliConfig).pipe(
        Effect.mapError(({ error }) => new UsageError({ detail: paragraphs(error).join(" "), next: [help] })),
        Effect.provide(parserLayer)
      )
      // Nothing that was typed may get lost on the way: a lost selector would select something else.
      if (!CommandDirective.isUserDefined(directive) || directive.leftover.length > 0) {
        return yield* new UsageError({ detail: "These words cannot be understood together.", next: [help] })
      }
      yield* command.handler(directive.value).pipe(Effect.provide(talkLayer(level)))
    })
})

/** @effect/cli asks for them; no option or argument of ours makes it use one. */
const parserLayer = Layer.mergeAll(FileSystem.layerNoop({}), Path.layer, NodeTerminal.layer)
