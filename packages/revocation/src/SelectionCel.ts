import {
  type ASTNode,
  EvaluationError,
  ParseError,
  type ParseResult,
  TypeError as CheckError
} from "@marcbachmann/cel-js"
import { Duration as CelDuration, Environment } from "@marcbachmann/cel-js/evaluator"
import { oneLine, withoutSecrets } from "@keysweep/core/SafeText"
import { KeyState } from "@keysweep/core/ProxyKey"
import { DateTime, Duration, Either, Option } from "effect"
import { isWithin, parseAddressRange } from "./AddressRange.ts"
import { type ExpressionProblem, problemAt } from "./ExpressionProblem.ts"
import { Finding } from "./Findings.ts"
import { nameGlob } from "./NameGlob.ts"
import { type KeyFacts, variables, type VariableType, type VariableValue } from "./SelectionVariables.ts"

/** An expression that was found to be a question about a key. It may still fail on one, and then nothing is selected. */
export type Question = (facts: KeyFacts) => Either.Either<boolean, ExpressionProblem>

/**
 * Reads a CEL expression over the variables of a key. Refused: what is not CEL, has another type than bool, names what
 * does not exist, is longer or deeper than a person would write, or could take long: regular expressions, loops within
 * loops within loops, growing lists. Nothing of it runs before it has passed.
 */
export const compileExpression = (text: string): Either.Either<Question, ExpressionProblem> =>
  Either.gen(function* () {
    if (text.trim() === "") return yield* refuse(text, 0, "it is empty")
    if (text.length > maxLength) return yield* refuse(text, 0, `it has more than ${maxLength} characters`)
    if (withoutSecrets(text) !== text) {
      return yield* Either.left({ detail: "it holds what looks like a secret: name keys by id (kf_…)", place: null })
    }
    const program = yield* Either.try({
      try: () => environment().parse(text),
      catch: (error) => problemOf(text, error)
    })
    const named = new Set<string>()
    const fault = faultIn(program.ast, { bound: new Set(), loops: 0, named })
    if (fault !== null) return yield* refuse(text, fault.node.pos, fault.detail)
    if ([...named].every((name) => name === "now"))
      return yield* refuse(text, 0, "it asks nothing of a key; every key is --all")
    const { error, type } = program.check()
    if (error !== undefined) return yield* Either.left(problemOf(text, error))
    if (type !== "bool") return yield* refuse(text, 0, `it gives ${plain(type ?? "nothing")}, not true or false`)
    return (facts: KeyFacts) => ask(text, program, facts)
  })

const ask = (text: string, program: ParseResult, facts: KeyFacts): Either.Either<boolean, ExpressionProblem> =>
  Either.try({
    try: (): unknown => program(contextOf(facts)),
    catch: (error) => problemOf(text, error)
  }).pipe(
    Either.flatMap((answer) =>
      typeof answer === "boolean" ? Either.right(answer) : refuse(text, 0, "it gave no answer")
    )
  )

const maxLength = 2000
const maxLoops = 2
const limits = { maxAstNodes: 256, maxDepth: 32, maxListElements: 64, maxMapEntries: 8, maxCallArguments: 4 }
const maxDays = 36_500

let made: Environment | undefined
/** Made when it is first needed: most commands select without an expression. */
const environment = (): Environment => (made ??= makeEnvironment())

const makeEnvironment = (): Environment => {
  const cel = new Environment({ limits })
  for (const [name, { type }] of Object.entries(variables)) cel.registerVariable(name, celTypes[type])
  cel.registerFunction("string.glob(string): bool", (name: string, glob: string) => nameGlob(glob)(name), sync)
  cel.registerFunction("string.cidr(string): bool", liesWithin, sync)
  cel.registerFunction(`days(int): ${celTypes.duration}`, (count: bigint) => span(count, 86_400n), sync)
  cel.registerFunction(`hours(int): ${celTypes.duration}`, (count: bigint) => span(count, 3600n), sync)
  cel.registerFunction(`minutes(int): ${celTypes.duration}`, (count: bigint) => span(count, 60n), sync)
  // Credits are doubles, and people write `used == 0` and `allocated * 2`.
  cel.registerOperator("double == int", (a: number, b: bigint) => a === Number(b))
  const arithmetic: { readonly [operator: string]: (a: number, b: number) => number } = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b
  }
  for (const [operator, apply] of Object.entries(arithmetic)) {
    const handler = (a: number | bigint, b: number | bigint) => apply(Number(a), Number(b))
    cel.registerOperator(`double ${operator} int: double`, handler)
    cel.registerOperator(`int ${operator} double: double`, handler)
  }
  return cel
}

const sync = { async: false }
const celTypes: { readonly [type in VariableType]: string } = {
  string: "string",
  bool: "bool",
  double: "double",
  "list<string>": "list<string>",
  timestamp: "google.protobuf.Timestamp",
  duration: "google.protobuf.Duration"
}

const liesWithin = (address: string, range: string): boolean => {
  const outer = parseAddressRange(range)
  if (outer === null) throw failure(`${oneLine(range, 50)} is not an address or a range`)
  const inner = parseAddressRange(address)
  if (inner === null) throw failure(`${oneLine(address, 50)} is not an address or a range`)
  return isWithin(inner, outer)
}

const span = (count: bigint, seconds: bigint): CelDuration => {
  const total = count * seconds
  if (total < 0n || total > BigInt(maxDays) * 86_400n)
    throw failure(`a time of ${count} is not between 0 and ${maxDays} days`)
  return new CelDuration(total)
}

const failure = (message: string): EvaluationError => new EvaluationError({ code: "keysweep", message })

const contextOf = (facts: KeyFacts): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(variables).map(([name, { valueOf }]) => [name, celValue(valueOf(facts))]))

const celValue = (value: VariableValue): unknown => {
  if (DateTime.isDateTime(value)) return DateTime.toDate(DateTime.clamp(value, range))
  if (!Duration.isDuration(value)) return value
  const millis = Duration.toMillis(value)
  return new CelDuration(Math.floor(millis / 1000), Math.floor(millis % 1000) * 1_000_000)
}

/** CEL's own range of times: within it no sum of times of an expression leaves what a date can hold, and compares as nothing. */
const range = {
  minimum: DateTime.unsafeMake("0001-01-01T00:00:00Z"),
  maximum: DateTime.unsafeMake("9999-12-31T23:59:59Z")
}

interface Fault {
  readonly node: ASTNode
  readonly detail: string
}

interface Scope {
  /** Names that loops around this place give to the entries of lists. */
  readonly bound: ReadonlySet<string>
  readonly loops: number
  /** Where the names that were met are put down. */
  readonly named: Set<string>
}

/** The first thing that an expression may not say. Names the operators that are allowed; every other is refused. */
const faultIn = (node: ASTNode, scope: Scope): Fault | null => {
  const inAny = (...nodes: ReadonlyArray<ASTNode>): Fault | null => {
    for (const each of nodes) {
      const fault = faultIn(each, scope)
      if (fault !== null) return fault
    }
    return null
  }
  switch (node.op) {
    case "value":
      return ["string", "boolean", "number", "bigint"].includes(typeof node.args)
        ? null
        : {
            node,
            detail:
              node.args === null
                ? "nothing is null here: ask unused or expires"
                : "bytes and unsigned numbers have no use here"
          }
    case "id":
      if (!scope.bound.has(node.args)) scope.named.add(node.args)
      return Object.hasOwn(variables, node.args) || scope.bound.has(node.args)
        ? null
        : { node, detail: `unknown variable ${node.args}; there are ${Object.keys(variables).join(", ")}` }
    case "call":
      return faultInCall(node, node.args[0], node.args[1]) ?? inAny(...node.args[1])
    case "rcall": {
      const [method, receiver, args] = node.args
      const [variable, predicate] = args
      if (!loops.has(method) || args.length !== 2 || variable?.op !== "id" || predicate === undefined) {
        return faultInMethod(node, method, args) ?? inAny(receiver, ...args)
      }
      if (scope.loops === maxLoops) return { node, detail: `at most ${maxLoops} loops go into one another` }
      const taken = Object.hasOwn(variables, variable.args) || scope.bound.has(variable.args)
      if (taken) return { node: variable, detail: `${variable.args} means something already: take another name` }
      const inner = { ...scope, bound: new Set([...scope.bound, variable.args]), loops: scope.loops + 1 }
      return inAny(receiver) ?? faultIn(predicate, inner)
    }
    case "list": {
      const nested = node.args.find(isList)
      return nested === undefined ? inAny(...node.args) : { node: nested, detail: "a list of lists has no use here" }
    }
    case "+":
      return node.args.some(isList) ? { node, detail: "lists cannot be added" } : inAny(...node.args)
    case "/":
      return isNonZero(node.args[1])
        ? inAny(...node.args)
        : { node, detail: "division is by a number only: write used < allocated * 0.1" }
    case "==":
    case "!=":
    case "in":
      return misspelt(node.args) ?? inAny(...node.args)
    case "-":
    case "*":
    case "<":
    case "<=":
    case ">":
    case ">=":
    case "||":
    case "&&":
    case "?:":
      return inAny(...node.args)
    case "!_":
    case "-_":
      return inAny(node.args)
    default:
      return {
        node,
        detail: `${node.op === "map" ? "{…}" : node.op === "%" ? "%" : "looking into a value with . or []"} is not available`
      }
  }
}

const loops: ReadonlySet<string> = new Set(["exists", "all", "exists_one", "filter"])
const methods: ReadonlySet<string> = new Set([
  "glob",
  "cidr",
  "startsWith",
  "endsWith",
  "contains",
  "lowerAscii",
  "size",
  ...loops
])
const functions: ReadonlySet<string> = new Set(["size", "days", "hours", "minutes", "duration", "timestamp"])

const faultInMethod = (node: ASTNode, method: string, args: ReadonlyArray<ASTNode>): Fault | null => {
  if (method === "matches")
    return { node, detail: "matches is not available, a regular expression can run for hours: use glob" }
  if (!methods.has(method))
    return { node, detail: `no method is called ${method}; there are ${[...methods].join(", ")}` }
  const text = literal(args[0])
  return method === "cidr" && text !== null && parseAddressRange(text) === null
    ? { node: args[0] ?? node, detail: "this is not an address or a range" }
    : null
}

const faultInCall = (node: ASTNode, name: string, args: ReadonlyArray<ASTNode>): Fault | null => {
  if (!functions.has(name))
    return { node, detail: `no function is called ${name}; there are ${[...functions].join(", ")}` }
  const text = literal(args[0])
  if (name === "timestamp" && (text === null || !isTimestamp(text))) {
    return { node: args[0] ?? node, detail: 'a time is written as timestamp("2026-11-21T12:00:00Z")' }
  }
  if (name === "duration" && (text === null || !/^(?:\d{1,6}(?:h|m|s)){1,3}$/.test(text))) {
    return {
      node: args[0] ?? node,
      detail: 'a duration is written as days(30), hours(12), minutes(90) or duration("1h30m")'
    }
  }
  return null
}

const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/.test(text) && Option.isSome(DateTime.make(text))

const literal = (node: ASTNode | undefined): string | null =>
  node?.op === "value" && typeof node.args === "string" ? node.args : null

const isNonZero = (node: ASTNode): boolean =>
  node.op === "value" && (typeof node.args === "number" || typeof node.args === "bigint") && Number(node.args) !== 0

/** Whether a place holds a list; entries of lists never are, so it can be seen from the outside. */
const isList = (node: ASTNode): boolean => {
  switch (node.op) {
    case "list":
      return true
    case "id":
      return variables[node.args]?.type === "list<string>"
    case "rcall":
      return node.args[0] === "filter"
    case "?:":
      return isList(node.args[1]) || isList(node.args[2])
    default:
      return false
  }
}

/** `state == "disbled"` is never true and its opposite always is: a state or finding that does not exist is refused. */
const misspelt = ([left, right]: readonly [ASTNode, ASTNode]): Fault | null => {
  for (const [subject, other] of [
    [left, right],
    [right, left]
  ] as const) {
    if (subject.op !== "id" || !(subject.args === "state" || subject.args === "findings")) continue
    const words: ReadonlyArray<string> = subject.args === "state" ? KeyState.literals : Finding.literals
    for (const node of other.op === "list" ? other.args : [other]) {
      const word = literal(node)
      if (word !== null && !words.includes(word))
        return { node, detail: `${subject.args} never is this; there are ${words.join(", ")}` }
    }
  }
  return null
}

const problemOf = (text: string, error: unknown): ExpressionProblem => {
  if (error instanceof ParseError || error instanceof CheckError || error instanceof EvaluationError) {
    const detail = error.code === "limit_exceeded" ? tooLarge : plain(oneLine(error.summary, 200))
    return problemAt(text, error.range?.start ?? 0, detail)
  }
  return problemAt(text, 0, error instanceof RangeError ? tooLarge : "it cannot be read")
}

const tooLarge = `it is too large: at most ${limits.maxAstNodes} parts, ${limits.maxDepth} deep, ${limits.maxListElements} entries in a list`

/** The library's words without the names of its insides. */
const plain = (message: string): string =>
  message
    .replaceAll("google.protobuf.Timestamp", "timestamp")
    .replaceAll("google.protobuf.Duration", "duration")
    .replace("Unexpected token: EOF", "it ends where a value should come")

const refuse = (text: string, offset: number, detail: string): Either.Either<never, ExpressionProblem> =>
  Either.left(problemAt(text, offset, detail))
