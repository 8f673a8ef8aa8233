import { Effect, Either } from "effect"
import { UsageError } from "./CliError.ts"
import { nearest } from "@keysweep/revocation/Suggest"
import type { Verb } from "./Verb.ts"

/** A word that other commands stand behind. */
export interface Group {
  readonly kind: "group"
  readonly name: string
  readonly about: string
  readonly children: ReadonlyArray<Node>
  /** Further sections of its help: a title, and rows of a term and what it means. */
  readonly notes?: ReadonlyArray<readonly [title: string, rows: ReadonlyArray<readonly [string, string]>]>
}

/** A command that does something. It is loaded when it is typed: nobody waits for the others. */
export interface Leaf {
  readonly kind: "leaf"
  readonly name: string
  /** One line, in the list of commands. */
  readonly about: string
  readonly load: Effect.Effect<Verb>
}

export type Node = Leaf | Group

export const group = (name: string, about: string, ...children: ReadonlyArray<Node>): Group => ({
  kind: "group",
  name,
  about,
  children
})

export const leaf = (name: string, about: string, load: () => Promise<Verb>): Leaf => ({
  kind: "leaf",
  name,
  about,
  load: Effect.promise(load)
})

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
    if (node.kind === "leaf") return Either.right({ node, path, rest: [...early, ...typed.slice(at)] })
    if (token.startsWith("-")) {
      early.push(token)
      continue
    }
    const names: ReadonlyArray<string> = node.children.map(({ name }) => name)
    const next: Node | undefined = node.children.find(({ name }) => name === token)
    if (next === undefined) {
      const meant = nearest(token, names)
      return Either.left(
        new UsageError({
          detail: `${path} has no command of that name.${meant === undefined ? ` It has: ${names.join(", ")}.` : ` Did you mean: ${path} ${meant}?`}`,
          next: [`${path} --help`]
        })
      )
    }
    node = next
    path = `${path} ${next.name}`
  }
  return Either.right({ node, path, rest: early })
}
