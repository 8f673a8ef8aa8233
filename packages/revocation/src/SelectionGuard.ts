import { KeyState } from "@keysweep/core/ProxyKey"
import { DateTime, Option } from "effect"
import { parseAddressRange } from "./AddressRange.ts"
import { Finding } from "./Findings.ts"
import type { CelNode } from "./SelectionCel.ts"
import { variables } from "./SelectionVariables.ts"

export interface Fault {
  readonly node: CelNode
  readonly detail: string
}

export interface Scope {
  /** Names that loops around this place give to the entries of lists. */
  readonly bound: ReadonlySet<string>
  readonly loops: number
  /** Where the names that were met are put down. */
  readonly named: Set<string>
}

/** The first thing that an expression may not say. Names the operators that are allowed; every other is refused. */
export const faultIn = (node: CelNode, scope: Scope): Fault | null => {
  const inAny = (...nodes: ReadonlyArray<CelNode>): Fault | null => {
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

const faultInMethod = (node: CelNode, method: string, args: ReadonlyArray<CelNode>): Fault | null => {
  if (method === "matches")
    return { node, detail: "matches is not available, a regular expression can run for hours: use glob" }
  if (!methods.has(method))
    return { node, detail: `no method is called ${method}; there are ${[...methods].join(", ")}` }
  const text = literal(args[0])
  return method === "cidr" && text !== null && parseAddressRange(text) === null
    ? { node: args[0] ?? node, detail: "this is not an address or a range" }
    : null
}

const faultInCall = (node: CelNode, name: string, args: ReadonlyArray<CelNode>): Fault | null => {
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

const literal = (node: CelNode | undefined): string | null =>
  node?.op === "value" && typeof node.args === "string" ? node.args : null

const isNonZero = (node: CelNode): boolean =>
  node.op === "value" && (typeof node.args === "number" || typeof node.args === "bigint") && Number(node.args) !== 0

/** Whether a place holds a list; entries of lists never are, so it can be seen from the outside. */
const isList = (node: CelNode): boolean => {
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
const misspelt = ([left, right]: readonly [CelNode, CelNode]): Fault | null => {
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

const maxLoops = 2
