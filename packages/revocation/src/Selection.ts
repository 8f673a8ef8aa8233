import { toCredits } from "@keysweep/core/Credit"
import { KeyId, type KeyState } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { DateTime, Duration, Either, Schema } from "effect"
import { ExpressionPlace, type ExpressionProblem } from "./ExpressionProblem.ts"
import type { OwnerOf } from "./Findings.ts"
import type { Inventory, InventoryKey } from "./Inventory.ts"
import { nameGlob } from "./NameGlob.ts"
import { compileExpression, type Question } from "./SelectionCel.ts"
import { isUnrestricted, quietSince } from "./SelectionVariables.ts"

/**
 * The question. Values of one field are alternatives; different fields narrow one another: `keys: [a, b], expired`
 * means "a or b, if expired". Times count back from the inventory's reading.
 */
export interface Selector {
  /** A key's id, the beginning of one (at least `kf_` and 4 characters), or a whole name. Must exist, and be one key. */
  readonly keys?: ReadonlyArray<string>
  /** Glob patterns over whole names: `ci-*`. */
  readonly names?: ReadonlyArray<string>
  /** Glob patterns over owners. A key without a known owner matches none. */
  readonly owners?: ReadonlyArray<string>
  readonly states?: ReadonlyArray<KeyState>
  /** By the clock, whatever else the key is. */
  readonly expired?: boolean
  /** Not used for so long; a key that was never used counts from its making. */
  readonly idle?: Duration.Duration | undefined
  /** Made so long ago. */
  readonly olderThan?: Duration.Duration | undefined
  /** The upstream shows no use. */
  readonly unused?: boolean
  /** Every model, from every address. */
  readonly unrestricted?: boolean
  /** Has spent less than so many credits. */
  readonly spentBelow?: number | undefined
  /** A CEL expression over the variables of `SelectionVariables.ts`. */
  readonly where?: string | undefined
  /** Every key; stands alone. */
  readonly all?: boolean
}

export interface Selection {
  readonly selected: ReadonlyArray<Judged>
  readonly left: ReadonlyArray<Judged>
}

export interface Judged {
  readonly key: InventoryKey
  readonly reason: string
}

/** The question cannot be answered safely. Nothing was selected. */
export class SelectionRefused extends Schema.TaggedError<SelectionRefused>()("SelectionRefused", {
  detail: Schema.String,
  /** Keys that may have been meant. */
  candidates: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String })),
  /** Where in the expression, if it is what is wrong. */
  place: Schema.optionalWith(Schema.NullOr(ExpressionPlace), { default: () => null })
}) {
  override get message(): string {
    return this.detail
  }
}

/**
 * Answers a selector over an inventory, with the reason for every key in and out. Pure, and nothing never means
 * everything: a filter that no key passes selects none. An expression that fails on any key refuses the whole question.
 */
export const select = (
  inventory: Inventory,
  selector: Selector,
  ownerOf: OwnerOf = () => null
): Either.Either<Selection, SelectionRefused> =>
  Either.gen(function* () {
    if (isEmpty(selector)) return yield* refuse(noSelector, inventory.keys)
    if (selector.all === true && !isEmpty({ ...selector, all: false })) {
      return yield* refuse("All keys and a narrower choice contradict each other: say one of the two.")
    }
    yield* checkNumbers(selector)
    const tests = filters(selector, inventory.at, ownerOf)
    if (selector.keys !== undefined && selector.keys.length > 0) {
      const named = new Map<KeyId, string>()
      for (const literal of selector.keys) named.set((yield* resolve(inventory, literal)).id, literal)
      tests.unshift(({ id }) => verdict(named.has(id), `named as ${named.get(id) ?? ""}`, "not named"))
    }
    if (selector.where !== undefined) {
      const question = yield* Either.mapLeft(compileExpression(selector.where), (problem) => refusal(problem))
      const answers = yield* askAll(inventory, question, ownerOf)
      tests.push(({ id }) => verdict(answers.get(id) === true, "the expression holds", "the expression does not hold"))
    }
    const judged = inventory.keys.map((key) => judge(key, tests))
    return {
      selected: judged.filter((it) => it.holds).map(judgement),
      left: judged.filter((it) => !it.holds).map(judgement)
    }
  })

const noSelector =
  "Nothing selects the keys: name them, filter them (by state, age, use, owner or an expression), or say that all are meant."

interface Verdict {
  readonly holds: boolean
  readonly reason: string
}

type Test = (key: InventoryKey) => Verdict

const verdict = (holds: boolean, because: string, becauseNot: string): Verdict => ({
  holds,
  reason: holds ? because : becauseNot
})

const judge = (key: InventoryKey, tests: ReadonlyArray<Test>): Judged & Verdict => {
  const verdicts = tests.map((test) => test(key))
  const against = verdicts.filter((it) => !it.holds)
  const decisive = against.length > 0 ? against : verdicts
  return { key, holds: against.length === 0, reason: decisive.map((it) => it.reason).join("; ") }
}

const judgement = ({ key, reason }: Judged): Judged => ({ key, reason })

/** The tests that need nothing but a key, its owner and the time. */
const filters = (selector: Selector, at: DateTime.Utc, ownerOf: OwnerOf): Array<Test> => {
  const {
    all,
    expired,
    idle,
    names = [],
    olderThan,
    owners = [],
    spentBelow,
    states = [],
    unrestricted,
    unused
  } = selector
  const tests: Array<Test> = []
  if (all === true) tests.push(() => ({ holds: true, reason: "all keys" }))
  if (names.length > 0) {
    const match = anyOf(names)
    tests.push(({ name }) => match("name", name))
  }
  if (owners.length > 0) {
    const match = anyOf(owners)
    tests.push((key) => {
      const owner = ownerOf(key)
      return owner === null ? { holds: false, reason: "its owner is not known" } : match(`owner ${owner}`, owner)
    })
  }
  if (states.length > 0) tests.push(({ state }) => verdict(states.includes(state), `is ${state}`, `is ${state}`))
  if (expired === true) {
    tests.push(({ findings }) => verdict(findings.includes("expired"), "has expired", "has not expired"))
  }
  if (idle !== undefined) {
    tests.push((key) => {
      const words =
        key.lastUsedAt === null
          ? `was never used, and made ${ago(key.createdAt, at)}`
          : `was last used ${ago(key.lastUsedAt, at)}`
      return { holds: isPast(quietSince(key), idle, at), reason: words }
    })
  }
  if (olderThan !== undefined) {
    tests.push(({ createdAt }) => ({
      holds: isPast(createdAt, olderThan, at),
      reason: `was made ${ago(createdAt, at)}`
    }))
  }
  if (unused === true) tests.push(({ lastUsedAt }) => verdict(lastUsedAt === null, "was never used", "was used"))
  if (unrestricted === true) {
    tests.push((key) => verdict(isUnrestricted(key), "is unrestricted", "is restricted to models or addresses"))
  }
  if (spentBelow !== undefined) {
    tests.push(({ used }) => ({ holds: toCredits(used) < spentBelow, reason: `has spent ${toCredits(used)} credits` }))
  }
  return tests
}

const anyOf = (globs: ReadonlyArray<string>): ((what: string, text: string) => Verdict) => {
  const patterns = globs.map((glob) => ({ glob, matches: nameGlob(glob) }))
  return (what, text) => {
    const found = patterns.find(({ matches }) => matches(text))
    return verdict(
      found !== undefined,
      `${what} matches ${found?.glob ?? ""}`,
      `${what} matches none of ${globs.join(", ")}`
    )
  }
}

/** What happened at an unknown time did not happen long ago. */
const isPast = (time: DateTime.Utc | null, span: Duration.Duration, at: DateTime.Utc): boolean =>
  time !== null && DateTime.toEpochMillis(at) - DateTime.toEpochMillis(time) >= Duration.toMillis(span)

const ago = (time: DateTime.Utc | null, at: DateTime.Utc): string => {
  if (time === null) return "at an unknown time"
  const minutes = Math.floor((DateTime.toEpochMillis(at) - DateTime.toEpochMillis(time)) / 60_000)
  if (minutes < 60) return "less than an hour ago"
  const [count, unit] = minutes < 48 * 60 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"]
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`
}

/** Whether a selector asks for nothing at all. */
export const isEmpty = (selector: Selector): boolean =>
  [selector.all, selector.expired, selector.unused, selector.unrestricted].every((flag) => flag !== true) &&
  [selector.idle, selector.olderThan, selector.spentBelow, selector.where].every((value) => value === undefined) &&
  [selector.keys, selector.names, selector.owners, selector.states].every((values) => (values ?? []).length === 0)

/** A bound of nothing, or of no number, would let every key pass. */
const checkNumbers = ({ idle, olderThan, spentBelow }: Selector): Either.Either<void, SelectionRefused> => {
  for (const [name, span] of [
    ["idle", idle],
    ["older than", olderThan]
  ] as const) {
    const millis = span === undefined ? 1 : Duration.toMillis(span)
    if (!(millis > 0 && Number.isFinite(millis))) return refuse(`${name} needs a time longer than nothing: 12h, 30d.`)
  }
  const credits = spentBelow ?? 1
  return credits > 0 && Number.isFinite(credits)
    ? Either.void
    : refuse("spent below needs a number of credits above 0.")
}

/** Asks of every key, whatever else is asked of it: what fails on one says nothing reliable of the others. */
const askAll = (
  inventory: Inventory,
  question: Question,
  ownerOf: OwnerOf
): Either.Either<ReadonlyMap<KeyId, boolean>, SelectionRefused> =>
  Either.gen(function* () {
    const answers = new Map<KeyId, boolean>()
    for (const key of inventory.keys) {
      const asked = question({ key, at: inventory.at, owner: ownerOf(key) })
      answers.set(key.id, yield* Either.mapLeft(asked, (problem) => refusal(problem, key)))
    }
    return answers
  })

const refusal = ({ detail, place }: ExpressionProblem, key?: InventoryKey): SelectionRefused => {
  const where = place === null ? "" : `, line ${place.line}, column ${place.column}`
  const on = key === undefined ? "" : ` (asked of ${key.id}; nothing was selected)`
  return new SelectionRefused({ detail: `The expression${where}: ${detail}${on}.`, candidates: [], place })
}

/** One literal is one key: an id, the unambiguous beginning of one, or a whole name that only one key has. */
const resolve = (inventory: Inventory, literal: string): Either.Either<InventoryKey, SelectionRefused> => {
  const byId = inventory.keys.filter((key) => key.id === literal)
  const byBeginning = /^kf_[a-z2-7]{4,15}$/.test(literal)
    ? inventory.keys.filter((key) => key.id.startsWith(literal))
    : []
  const byName = inventory.keys.filter((key) => key.name === literal)
  const found = byId.length > 0 ? byId : [...new Set([...byBeginning, ...byName])]
  const [only, ...others] = found
  if (only === undefined) return refuse(`No key is called ${oneLine(literal, 80)}.`, similar(inventory, literal))
  if (others.length > 0)
    return refuse(`${found.length} keys answer to ${oneLine(literal, 80)}: name one by its id.`, found)
  return Either.right(only)
}

const similar = (inventory: Inventory, literal: string): ReadonlyArray<InventoryKey> => {
  const wanted = literal.toLowerCase()
  const alike = inventory.keys.filter((key) => {
    const name = key.name.toLowerCase()
    return name.includes(wanted) || wanted.includes(name) || key.id.startsWith(wanted.slice(0, 6))
  })
  return alike.length > 0 ? alike : inventory.keys
}

const refuse = (
  detail: string,
  candidates: ReadonlyArray<{ readonly id: KeyId; readonly name: string }> = []
): Either.Either<never, SelectionRefused> =>
  Either.left(
    new SelectionRefused({ detail, candidates: candidates.slice(0, 10).map(({ id, name }) => ({ id, name })) })
  )
