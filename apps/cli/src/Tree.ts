import { CommandDescriptor, CommandDirective, type Command } from "@effect/cli"
import { FileSystem, Path } from "@effect/platform"
import { NodeTerminal } from "@effect/platform-node"
import { Effect, Either, Layer } from "effect"
import { strictly } from "./Arguments.ts"
import { UsageError } from "./CliError.ts"
import type { Failure } from "./Report.ts"
import { cliConfig, type CommandSpec, paragraphs, specOf } from "./Spec.ts"
import type { Services } from "./Services.ts"
import { nearest } from "./Suggest.ts"

/** A command that does something. */
export interface Verb {
  readonly kind: "verb"
  readonly name: string
  readonly about: string
  readonly details: ReadonlyArray<string>
  readonly examples: ReadonlyArray<string>
  readonly spec: () => CommandSpec
  readonly run: (typed: ReadonlyArray<string>, path: string) => Effect.Effect<void, Failure, Services>
}

/** A word that other commands stand behind. */
export interface Group {
  readonly kind: "group"
  readonly name: string
  readonly about: string
  readonly children: ReadonlyArray<Node>
}

/** A program of its own, which reads its words itself. */
export interface Guest {
  readonly kind: "guest"
  readonly name: string
  readonly about: string
  readonly run: (typed: ReadonlyArray<string>, path: string) => Effect.Effect<void, Failure, Services>
}

export type Node = Verb | Group | Guest

export const group = (name: string, about: string, ...children: ReadonlyArray<Node>): Group => ({ kind: "group", name, about, children })

export interface VerbWords {
  /** One line, in the list of commands. */
  readonly about: string
  /** Paragraphs of its own help. */
  readonly details?: ReadonlyArray<string>
  /** Complete command lines. */
  readonly examples?: ReadonlyArray<string>
}

/** One @effect/cli command with its words. Parsed by @effect/cli after {@link strictly} has looked at it. */
export const verb = <Name extends string, A>(
  name: string,
  words: VerbWords,
  command: Command.Command<Name, Services, Failure, A>
): Verb => {
  const spec = () => specOf(command)
  return {
    kind: "verb",
    name,
    about: words.about,
    details: words.details ?? [],
    examples: words.examples ?? [],
    spec,
    run: (typed, path) =>
      Effect.gen(function* () {
        const help = `${path} --help`
        const strict = yield* strictly(typed, spec(), help)
        const directive = yield* CommandDescriptor.parse(command.descriptor, [name, ...strict], cliConfig).pipe(
          Effect.mapError(({ error }) => new UsageError({ detail: paragraphs(error).join(" "), next: [help] })),
          Effect.provide(parserLayer)
        )
        // Nothing that was typed may get lost on the way: a lost selector would select something else.
        if (!CommandDirective.isUserDefined(directive) || directive.leftover.length > 0) {
          return yield* new UsageError({ detail: "These words cannot be understood together.", next: [help] })
        }
        yield* command.handler(directive.value)
      })
  }
}

/** @effect/cli asks for them; no option or argument of ours makes it use one. */
const parserLayer = Layer.mergeAll(FileSystem.layerNoop({}), Path.layer, NodeTerminal.layer)

/** Where the words of a command line lead, and what is left of it. */
export interface Found {
  readonly node: Node
  /** As typed: `keysweep plan delete`. */
  readonly path: string
  readonly rest: ReadonlyArray<string>
}

/** Follows the words from the root. Options may stand before the last word: they are handed on. */
export const find = (root: Group, typed: ReadonlyArray<string>): Either.Either<Found, UsageError> => {
  let node: Node = root
  let path = root.name
  const early: Array<string> = []
  for (const [at, token] of typed.entries()) {
    if (node.kind !== "group") return Either.right({ node, path, rest: [...early, ...typed.slice(at)] })
    if (token.startsWith("-")) {
      early.push(token)
      continue
    }
    const next: Node | undefined = node.children.find(({ name }) => name === token)
    if (next === undefined) {
      const meant = nearest(token, node.children.map(({ name }) => name))
      const known = node.children.map(({ name }) => name).join(", ")
      return Either.left(
        new UsageError({
          detail: `${path} has no command of that name.${meant === undefined ? ` It has: ${known}.` : ` Did you mean: ${path} ${meant}?`}`,
          next: [`${path} --help`]
        })
      )
    }
    node = next
    path = `${path} ${next.name}`
  }
  return Either.right({ node, path, rest: early })
}
