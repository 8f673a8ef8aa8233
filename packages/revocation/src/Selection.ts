import { KeyId, type KeyState } from "@keysweep/core/ProxyKey"
import { Either, Schema } from "effect"
import type { Inventory, InventoryKey } from "./Inventory.ts"
import { matchesName } from "./NameGlob.ts"

/**
 * The question. Values of one field are alternatives; different fields narrow one another: `keys: [a, b], expired`
 * means "a or b, if expired".
 */
export interface Selector {
  /** A key's id, the beginning of one (at least `kf_` and 4 characters), or a whole name. Must exist, and be one key. */
  readonly keys?: ReadonlyArray<string>
  /** Glob patterns over whole names: `ci-*`. */
  readonly names?: ReadonlyArray<string>
  readonly states?: ReadonlyArray<KeyState>
  /** By the clock, whatever else the key is. */
  readonly expired?: boolean
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
  candidates: Schema.Array(Schema.Struct({ id: KeyId, name: Schema.String }))
}) {
  override get message(): string {
    return this.detail
  }
}

/** Answers a selector over an inventory, with the reason for every key in and out. Nothing never means everything. */
export const select = (inventory: Inventory, selector: Selector): Either.Either<Selection, SelectionRefused> =>
  Either.gen(function* () {
    if (isEmpty(selector)) {
      return yield* refuse("Nothing selects the keys: name them (--key, --name), filter them (--expired, --disabled), or say --all.")
    }
    if (selector.all === true && !isEmpty({ ...selector, all: false })) {
      return yield* refuse("--all and a narrower selector contradict each other: say one of the two.")
    }
    const tests: Array<(key: InventoryKey) => Verdict> = []
    if (selector.all === true) tests.push(() => ({ holds: true, reason: "all keys" }))
    if (selector.keys !== undefined && selector.keys.length > 0) {
      const named = new Map<KeyId, string>()
      for (const literal of selector.keys) named.set((yield* resolve(inventory, literal)).id, literal)
      tests.push(({ id }) => verdict(named.has(id), `named as ${named.get(id) ?? ""}`, "not named"))
    }
    const names = selector.names ?? []
    if (names.length > 0) {
      tests.push(({ name }) => {
        const pattern = names.find((glob) => matchesName(glob, name))
        return verdict(pattern !== undefined, `name matches ${pattern ?? ""}`, `name matches none of ${names.join(", ")}`)
      })
    }
    const states = selector.states ?? []
    if (states.length > 0) tests.push(({ state }) => verdict(states.includes(state), `is ${state}`, `is ${state}`))
    if (selector.expired === true) {
      tests.push(({ findings }) => verdict(findings.includes("expired"), "has expired", "has not expired"))
    }
    const judged = inventory.keys.map((key) => judge(key, tests))
    return { selected: judged.filter((it) => it.holds), left: judged.filter((it) => !it.holds) }
  })

interface Verdict {
  readonly holds: boolean
  readonly reason: string
}

const verdict = (holds: boolean, because: string, becauseNot: string): Verdict => ({
  holds,
  reason: holds ? because : becauseNot
})

const judge = (key: InventoryKey, tests: ReadonlyArray<(key: InventoryKey) => Verdict>): Judged & Verdict => {
  const verdicts = tests.map((test) => test(key))
  const against = verdicts.filter((it) => !it.holds)
  const decisive = against.length > 0 ? against : verdicts
  return { key, holds: against.length === 0, reason: decisive.map((it) => it.reason).join("; ") }
}

const isEmpty = (selector: Selector): boolean =>
  selector.all !== true &&
  selector.expired !== true &&
  [selector.keys, selector.names, selector.states].every((values) => values === undefined || values.length === 0)

/** One literal is one key: an id, the unambiguous beginning of one, or a whole name that only one key has. */
const resolve = (inventory: Inventory, literal: string): Either.Either<InventoryKey, SelectionRefused> => {
  const byId = inventory.keys.filter((key) => key.id === literal)
  const byBeginning = /^kf_[a-z2-7]{4,15}$/.test(literal) ? inventory.keys.filter((key) => key.id.startsWith(literal)) : []
  const byName = inventory.keys.filter((key) => key.name === literal)
  const found = byId.length > 0 ? byId : [...new Set([...byBeginning, ...byName])]
  const [only, ...others] = found
  if (only === undefined) return refuse(`No key is called ${literal}.`, similar(inventory, literal))
  if (others.length > 0) return refuse(`${found.length} keys answer to ${literal}: name one by its id.`, found)
  return Either.right(only)
}

const similar = (inventory: Inventory, literal: string): ReadonlyArray<InventoryKey> => {
  const wanted = literal.toLowerCase()
  return inventory.keys.filter((key) => {
    const name = key.name.toLowerCase()
    return name.includes(wanted) || wanted.includes(name) || key.id.startsWith(wanted.slice(0, 6))
  })
}

const refuse = (
  detail: string,
  candidates: ReadonlyArray<{ readonly id: KeyId; readonly name: string }> = []
): Either.Either<never, SelectionRefused> =>
  Either.left(
    new SelectionRefused({ detail, candidates: candidates.slice(0, 10).map(({ id, name }) => ({ id, name })) })
  )
