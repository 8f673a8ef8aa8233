import { type InventoryKey } from "@keysweep/revocation/Inventory"
import { KeyState } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { Effect } from "effect"
import type { CommandSpec } from "../Spec.ts"
import type { Group, Node } from "../Tree.ts"

/** A word that may stand at the cursor, and what it means. */
export type Candidate = readonly [word: string, about: string]

/** `files`: the shell knows best which there are. */
export type Completion = ReadonlyArray<Candidate> | "files"

export interface Known {
  readonly root: Group
  /** Words of `keysweep help` that are no commands. */
  readonly topics: ReadonlyArray<string>
  /** The keys of an account's stored inventory; asked for only where a key may stand. Nothing is sent for it. */
  readonly keys: (label: string | undefined) => Effect.Effect<ReadonlyArray<InventoryKey>>
  /** Of the accounts that the settings name. */
  readonly labels: Effect.Effect<ReadonlyArray<string>>
}

/** What may stand in place of the last word of a line; the first word is the one after `keysweep`. */
export const complete = (line: ReadonlyArray<string>, known: Known): Effect.Effect<Completion> =>
  Effect.gen(function* () {
    const words = withoutEquals(line)
    const current = words.at(-1) ?? ""
    const before = words.slice(0, -1)
    const help = before[0] === "help"
    const { node, rest } = follow(known.root, help ? before.slice(1) : before)
    if (node === null) return []
    if (node.kind === "group") {
      const children = node.children.map(({ name, about }): Candidate => [name, about])
      const topics = known.topics.map((topic): Candidate => [topic, "A page of help."])
      const more = node !== known.root ? [] : help ? topics : [["help", "Explain a command or a topic."] as const]
      return starting(current, [...children, ...more, helpOption])
    }
    if (help) return []
    const spec = (yield* node.load).spec()
    const [last = ""] = rest.slice(-1)
    const awaited = rest.includes("--") ? undefined : spec.options.find((option) => option.names.includes(last))
    if (awaited?.value !== undefined) return yield* valuesOf(awaited.value, current, rest, known)
    const equals = current.indexOf("=")
    if (current.startsWith("--") && equals > 0) {
      const option = spec.options.find(({ names }) => names.includes(current.slice(0, equals)))
      if (option?.value === undefined) return []
      const values = yield* valuesOf(option.value, current.slice(equals + 1), rest, known)
      return values === "files"
        ? values
        : values.map(([word, about]) => [`${current.slice(0, equals)}=${word}`, about] as const)
    }
    if (current.startsWith("-") && !rest.includes("--")) return starting(current, optionsLeft(spec, rest))
    const positionals = rest.filter((word, at) => !word.startsWith("-") && !takesValue(spec, rest[at - 1]))
    const argument =
      spec.arguments[positionals.length] ??
      (spec.arguments.at(-1)?.repeats === true ? spec.arguments.at(-1) : undefined)
    if (argument !== undefined) return yield* valuesOf(argument.name, current, rest, known)
    return current === "" ? optionsLeft(spec, rest) : []
  })

/** bash takes `--key=x` apart, into `--key`, `=` and `x`. */
const withoutEquals = (line: ReadonlyArray<string>): ReadonlyArray<string> =>
  line.flatMap((word, at) => {
    const afterOption = word === "=" && line[at - 1]?.startsWith("--") === true
    return afterOption ? (at === line.length - 1 ? [""] : []) : [word]
  })

const follow = (root: Group, words: ReadonlyArray<string>) => {
  let node: Node | null = root
  const rest: Array<string> = []
  for (const word of words) {
    if (node.kind === "leaf" || word.startsWith("-")) rest.push(word)
    else {
      const next: Node | undefined = node.children.find(({ name }) => name === word)
      if (next === undefined) return { node: null, rest }
      node = next
    }
  }
  return { node, rest }
}

const takesValue = (spec: CommandSpec, word: string | undefined): boolean =>
  word !== undefined && spec.options.some(({ names, value }) => value !== undefined && names.includes(word))

const helpOption: Candidate = ["--help", "Explain the command."]

const optionsLeft = (spec: CommandSpec, typed: ReadonlyArray<string>): ReadonlyArray<Candidate> => [
  ...spec.options
    .filter(({ names, repeats }) => repeats || !names.some((name) => typed.includes(name)))
    .map(({ about, names }): Candidate => [names[0] ?? "", about]),
  helpOption
]

/** By what a command calls its values. What only the user can know has no candidates. */
const valuesOf = (
  name: string,
  current: string,
  typed: ReadonlyArray<string>,
  { keys, labels }: Known
): Effect.Effect<Completion> => {
  switch (name) {
    case "KEY":
      return Effect.forEach(accountsIn(typed), keys).pipe(
        Effect.map((found) => starting(current, found.flat().flatMap(wordsOf)))
      )
    case "LABEL":
    case "LABEL,…":
    case "ACCOUNT":
      return Effect.map(labels, (labels) =>
        starting(
          current,
          labels.map((label) => [label, ""])
        )
      )
    case "STATE":
      return Effect.succeed(
        starting(
          current,
          KeyState.literals.map((state) => [state, ""])
        )
      )
    case "FILE":
    case "PATH":
    case "BUNDLE":
    case "FIXTURE":
      return Effect.succeed("files")
    default:
      return Effect.succeed(
        name.includes("|")
          ? starting(
              current,
              name.split("|").map((word) => [word, ""])
            )
          : []
      )
  }
}

/** What `--account` names on the line, or the one account that is meant without it. */
const accountsIn = (typed: ReadonlyArray<string>): ReadonlyArray<string | undefined> => {
  const at = typed.findIndex((word) => word === "--account" || word.startsWith("--account="))
  if (at === -1) return [undefined]
  const value = typed[at]?.startsWith("--account=") === true ? typed[at].slice("--account=".length) : typed[at + 1]
  return (value ?? "").split(",")
}

/**
 * A key by its id, and by its name where no shell could take a part of it for anything else. A name is foreign text: one
 * that a shell would act on must not come onto a command line by itself.
 */
const wordsOf = ({ id, name, state }: InventoryKey): ReadonlyArray<Candidate> => {
  const byId: Candidate = [id, `${oneLine(name, 60)} (${state})`]
  return harmless.test(name) ? [[name, `${id} (${state})`], byId] : [byId]
}

const harmless = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,99}$/

const starting = (current: string, candidates: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> =>
  candidates.filter(([word]) => word.startsWith(current))
