import { assert, describe, it } from "@effect/vitest"
import { Duration, Either, FastCheck, Schema } from "effect"
import { Inventory, inventoryOf } from "../src/Inventory.ts"
import { select, type Selector } from "../src/Selection.ts"
import { readingOf, seconds, type WireKey } from "./support.ts"

const day = 86_400
const hostile = ['"', "\\", "'; --", "${x}", "a\nb", "日本 🔑", "kf_aaaaaaaaaaaaaaaa", "--all", "*", ""]
const cidr = {
  "10.0.0.1": true,
  "10.1.0.0/16": true,
  "192.0.2.1": false,
  "2001:db8::1": false,
  intranet: "fails"
} as const
type Address = keyof typeof cidr

/** A key as the reference sees it: before any code of ours has touched it. */
interface Row {
  readonly name: string
  readonly active: boolean
  /** Days ago; null: unknown or never. */
  readonly made: number | null
  readonly used: number | null
  /** Days from now. */
  readonly ends: number | null
  readonly allocated: number
  readonly spent: number
  readonly models: ReadonlyArray<string>
  readonly addresses: ReadonlyArray<Address>
}

const maybe = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { freq: 3 })
const row: FastCheck.Arbitrary<Row> = FastCheck.record({
  name: FastCheck.oneof(
    FastCheck.constantFrom("ci-1", "ci-2", "web", "web/batch", "ci-é"),
    FastCheck.constantFrom(...hostile)
  ),
  active: FastCheck.boolean(),
  made: maybe(FastCheck.constantFrom(1, 10, 30, 60)),
  used: maybe(FastCheck.constantFrom(0, 1, 10, 29, 30, 60)),
  ends: maybe(FastCheck.constantFrom(-1, 0, 3, 30)),
  allocated: FastCheck.constantFrom(0, 1, 10, 100.5),
  spent: FastCheck.constantFrom(0, 0.5, 1, 10, 99),
  models: FastCheck.subarray(["gpt-4o", "gpt-4o-mini", "claude"]),
  addresses: FastCheck.oneof(
    { weight: 3, arbitrary: FastCheck.subarray<Address>(["10.0.0.1", "10.1.0.0/16", "192.0.2.1", "2001:db8::1"]) },
    { weight: 1, arbitrary: FastCheck.constantFrom<ReadonlyArray<Address>>(["intranet"], ["10.0.0.1", "intranet"]) }
  )
})

const wire = (it: Row): WireKey => ({
  created_at: it.made === null ? null : seconds - it.made * day,
  name: it.name,
  is_active: it.active,
  last_used: it.used === null ? null : seconds - it.used * day,
  expires_at: it.ends === null ? -1 : seconds + it.ends * day,
  allocated_ammount: it.allocated,
  used_ammount: it.spent,
  model_whitelist: it.models,
  ip_whitelist: it.addresses
})

const ownerOf = ({ name }: { readonly name: string }) =>
  name.startsWith("ci-") ? "platform" : name.startsWith("web") ? "mara" : null

type Truth = boolean | "fails"

/** One question that is written as an expression, often as a flag too, and answered by the reference. */
interface Atom {
  readonly cel: string
  /** Alternatives of one field of a selector. */
  readonly flag?: Selector
  readonly holds: (row: Row) => Truth
}

const quiet = (it: Row) => it.used ?? it.made ?? 0
const stateOf = (it: Row) =>
  !it.active
    ? "disabled"
    : it.ends !== null && it.ends <= 0
      ? "expired"
      : it.allocated <= it.spent
        ? "exhausted"
        : "active"
const globs: { readonly [glob: string]: (text: string) => boolean } = {
  "ci-*": (text) => text.startsWith("ci-"),
  "*b*": (text) => text.includes("b"),
  "{web,ci-?}": (text) => text === "web" || (text.startsWith("ci-") && [...text].length === 4),
  "*": () => true
}
const bools = {
  expired: (it: Row) => it.ends !== null && it.ends <= 0,
  unused: (it: Row) => it.used === null,
  unrestricted: (it: Row) => it.models.length + it.addresses.length === 0
}

const atom: FastCheck.Arbitrary<Atom> = FastCheck.oneof(
  FastCheck.constantFrom("active" as const, "disabled" as const, "expired" as const, "exhausted" as const).map(
    (state) => ({
      cel: `state == "${state}"`,
      flag: { states: [state] },
      holds: (it: Row) => stateOf(it) === state
    })
  ),
  FastCheck.constantFrom(...Object.keys(globs)).map((glob) => ({
    cel: `name.glob("${glob}")`,
    flag: { names: [glob] },
    holds: (it: Row) => globs[glob]?.(it.name) ?? false
  })),
  FastCheck.constantFrom("plat*", "mara", "{mara,nobody}").map((glob) => ({
    cel: `owner.glob("${glob}")`,
    flag: { owners: [glob] },
    holds: (it: Row) => (ownerOf(it) ?? "").startsWith(glob === "plat*" ? "plat" : "mara")
  })),
  FastCheck.constantFrom("expired" as const, "unused" as const, "unrestricted" as const).map((name) => ({
    cel: name,
    flag: { [name]: true },
    holds: bools[name]
  })),
  FastCheck.constantFrom(1, 10, 29, 30).map((days) => ({
    cel: `idle >= days(${days})`,
    flag: { idle: Duration.days(days) },
    holds: (it: Row) => quiet(it) >= days
  })),
  FastCheck.constantFrom(1, 10, 31).map((days) => ({
    cel: `age >= hours(${days * 24})`,
    flag: { olderThan: Duration.days(days) },
    holds: (it: Row) => (it.made ?? 0) >= days
  })),
  FastCheck.constantFrom(0.5, 1, 10).map((credits) => ({
    cel: `used < ${credits}`,
    flag: { spentBelow: credits },
    holds: (it: Row) => it.spent < credits
  })),
  FastCheck.constantFrom(...hostile, "web").map((name) => ({
    cel: `name == ${JSON.stringify(name)}`,
    holds: (it: Row) => it.name === name
  })),
  FastCheck.constantFrom<Atom>(
    { cel: "expiresAt <= now + days(3)", holds: (it) => it.ends !== null && it.ends <= 3 },
    { cel: "!expires", holds: (it) => it.ends === null },
    { cel: 'owner == ""', holds: (it) => ownerOf(it) === null },
    { cel: '"no-expiry" in findings', holds: (it) => it.ends === null },
    { cel: "allocated == 10", holds: (it) => it.allocated === 10 },
    { cel: "remaining * 2 < allocated", holds: (it) => Math.max(0, it.allocated - it.spent) * 2 < it.allocated },
    { cel: "models.size() > 1", holds: (it) => it.models.length > 1 },
    { cel: 'models.exists(m, m.glob("gpt-*") && !m.endsWith("mini"))', holds: (it) => it.models.includes("gpt-4o") },
    {
      cel: 'models.all(m, ["gpt-4o", "claude"].exists(ok, ok == m))',
      holds: (it) => !it.models.includes("gpt-4o-mini")
    }
  ),
  FastCheck.constantFrom<Atom>(
    {
      cel: 'addresses.exists(a, a.cidr("10.0.0.0/8"))',
      holds: (it) => either(it.addresses.map((address) => cidr[address]))
    },
    { cel: 'addresses.all(a, a.cidr("10.0.0.0/8"))', holds: (it) => both(it.addresses.map((address) => cidr[address])) }
  )
)

/** CEL's own: what the rest decides, a failure cannot change. */
const both = (truths: ReadonlyArray<Truth>): Truth =>
  truths.includes(false) ? false : truths.includes("fails") ? "fails" : true
const either = (truths: ReadonlyArray<Truth>): Truth =>
  truths.includes(true) ? true : truths.includes("fails") ? "fails" : false
const not = (truth: Truth): Truth => (truth === "fails" ? truth : !truth)

const { tree } = FastCheck.letrec<{ tree: Atom }>((tie) => ({
  tree: FastCheck.oneof(
    { maxDepth: 3, withCrossShrink: true },
    atom.map(({ cel, holds }) => ({ cel, holds })),
    tie("tree").map(({ cel, holds }) => ({ cel: `!(${cel})`, holds: (it: Row) => not(holds(it)) })),
    FastCheck.tuple(tie("tree"), tie("tree")).map(([a, b]) => ({
      cel: `(${a.cel} && ${b.cel})`,
      holds: (it: Row) => both([a.holds(it), b.holds(it)])
    })),
    FastCheck.tuple(tie("tree"), tie("tree")).map(([a, b]) => ({
      cel: `(${a.cel} || ${b.cel})`,
      holds: (it: Row) => either([a.holds(it), b.holds(it)])
    }))
  )
}))

/** A conjunction, each part of it to be written as a flag if it can be and the coin says so. */
const query = FastCheck.array(FastCheck.tuple(FastCheck.oneof(atom, tree), FastCheck.boolean()), {
  minLength: 1,
  maxLength: 4
})

const written = (parts: ReadonlyArray<readonly [Atom, boolean]>) => {
  let selector: Selector = {}
  const rest: Array<Atom> = []
  for (const [part, asFlag] of parts) {
    const field = Object.keys(part.flag ?? {})[0]
    if (asFlag && field !== undefined && !Object.hasOwn(selector, field)) selector = { ...selector, ...part.flag }
    else rest.push(part)
  }
  return rest.length === 0
    ? { selector, rest }
    : { selector: { ...selector, where: rest.map(({ cel }) => `(${cel})`).join(" && ") }, rest }
}

const json = (value: unknown) => JSON.stringify(value)

describe("Selection, against a reference", () => {
  let refused = 0
  let some = 0

  it.prop(
    "flags and expressions select what the reference selects, with a reason for every key",
    [FastCheck.array(row, { maxLength: 8 }), query],
    ([rows, parts]) => {
      const reading = readingOf(rows.map(wire))
      const inventory = inventoryOf(reading)
      const before = json(Schema.encodeSync(Inventory)(inventory))
      const { rest, selector } = written(parts)
      const answer = select(inventory, selector, ownerOf)

      if (rows.some((it) => both(rest.map(({ holds }) => holds(it))) === "fails")) {
        refused++
        assert.isTrue(Either.isLeft(answer), json(selector))
        return
      }
      const { left, selected } = Either.getOrThrow(answer)
      const expected = inventory.keys.filter((_, index) => {
        const it = rows[index]
        return it !== undefined && both(parts.map(([{ holds }]) => holds(it))) === true
      })
      assert.deepStrictEqual(
        selected.map(({ key }) => key.id),
        expected.map(({ id }) => id),
        json(selector)
      )
      if (selected.length > 0 && left.length > 0) some++
      assert.strictEqual(left.length + selected.length, inventory.keys.length)
      assert.isTrue([...left, ...selected].every(({ reason }) => reason.length > 0))

      const again = select(inventoryOf(reading), selector, ownerOf)
      assert.strictEqual(json(again), json(answer))
      assert.strictEqual(json(Schema.encodeSync(Inventory)(inventory)), before)
    },
    { fastCheck: { numRuns: 1000 } }
  )

  it("and both answers, and refusals, were among them", () => {
    assert.isAbove(some, 100)
    assert.isAbove(refused, 20)
  })
})
