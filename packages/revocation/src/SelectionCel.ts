import {
  type ASTNode,
  EvaluationError,
  ParseError,
  type ParseResult,
  TypeError as CheckError
} from "@marcbachmann/cel-js"
import { Duration as CelDuration, Environment } from "@marcbachmann/cel-js/evaluator"
import { oneLine, withoutSecrets } from "@keysweep/core/SafeText"
import { DateTime, Duration, Either } from "effect"
import { isWithin, parseAddressRange } from "./AddressRange.ts"
import { type ExpressionProblem, problemAt } from "./ExpressionProblem.ts"
import { nameGlob } from "./NameGlob.ts"
import { faultIn } from "./SelectionGuard.ts"
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
      return yield* refuse(text, 0, "it asks nothing of a key; say that all are meant")
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

/** A place of an expression with what stands there. */
export type CelNode = ASTNode

const maxLength = 2000
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
