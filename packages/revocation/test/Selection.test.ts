import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { inventoryOf } from "../src/Inventory.ts"
import { select, type Selector } from "../src/Selection.ts"
import { readingOf, seconds, type WireKey } from "./support.ts"

const inventory = inventoryOf(
  readingOf([
    { name: "ci-build" },
    { name: "ci-deploy", is_active: false },
    { name: "web", expires_at: seconds - 60 },
    { name: "web/batch", used_ammount: 10 },
    { name: "same" },
    { name: "same" }
  ])
)
const names = (selector: Selector) =>
  Either.map(select(inventory, selector), ({ selected }) => selected.map(({ key }) => key.name))

describe("Selection", () => {
  it("I3: no selector refuses; nothing never means everything", () => {
    for (const selector of [{}, { keys: [] }, { names: [], states: [], expired: false, all: false }]) {
      const answer = select(inventory, selector)
      assert.isTrue(Either.isLeft(answer))
    }
  })

  it("I3: a literal key that does not exist refuses and names what may have been meant", () => {
    const answer = Either.flip(select(inventory, { keys: ["ci"] })).pipe(Either.getOrThrow)
    assert.deepStrictEqual(answer.candidates.map(({ name }) => name), ["ci-build", "ci-deploy"])
  })

  it("I3: one missing literal refuses the others too", () => {
    assert.isTrue(Either.isLeft(select(inventory, { keys: ["ci-build", "kf_aaaaaaaaaaaaaaaa"] })))
  })

  it("I3: a name that two keys have refuses with both ids", () => {
    const answer = Either.flip(select(inventory, { keys: ["same"] })).pipe(Either.getOrThrow)
    assert.strictEqual(answer.candidates.length, 2)
    assert.strictEqual(new Set(answer.candidates.map(({ id }) => id)).size, 2)
  })

  it("I3: a filter that matches nothing selects nothing", () => {
    assert.deepStrictEqual(names({ names: ["nobody-*"] }), Either.right([]))
    assert.deepStrictEqual(Either.map(select(inventoryOf(readingOf([])), { all: true }), (it) => it.selected), Either.right([]))
  })

  it("--all with a narrower selector refuses", () => {
    assert.isTrue(Either.isLeft(select(inventory, { all: true, expired: true })))
  })

  it("values of one field are alternatives, fields narrow one another", () => {
    assert.deepStrictEqual(names({ names: ["ci-*", "web*"] }), Either.right(["ci-build", "ci-deploy", "web", "web/batch"]))
    assert.deepStrictEqual(names({ names: ["ci-*"], states: ["disabled"] }), Either.right(["ci-deploy"]))
    assert.deepStrictEqual(names({ expired: true }), Either.right(["web"]))
    assert.deepStrictEqual(names({ states: ["exhausted"] }), Either.right(["web/batch"]))
  })

  it("an id, the beginning of an id and a whole name all name a key", () => {
    const [first] = inventory.keys
    assert.isDefined(first)
    for (const literal of [first?.id ?? "", (first?.id ?? "").slice(0, 10), "ci-build"]) {
      assert.deepStrictEqual(names({ keys: [literal] }), Either.right(["ci-build"]))
    }
  })

  it.prop(
    "selection equals a reference predicate, and every key has a reason, in or out",
    [
      FastCheck.array(FastCheck.record({ name: FastCheck.constantFrom("a", "b", "ci-1", "ci-2"), is_active: FastCheck.boolean(), old: FastCheck.boolean() }), { maxLength: 12 }),
      FastCheck.subarray(["a", "ci-*", "*-1"]),
      FastCheck.subarray(["active", "disabled", "expired"] as const),
      FastCheck.boolean()
    ],
    ([rows, globs, states, expired]) => {
      if (globs.length + states.length === 0 && !expired) return
      const wires: ReadonlyArray<WireKey> = rows.map(({ name, is_active, old }) => ({ name, is_active, expires_at: old ? seconds - 1 : -1 }))
      const all = inventoryOf(readingOf(wires))
      const { left, selected } = Either.getOrThrow(select(all, { names: globs, states, expired }))
      const expected = all.keys.filter((_, index) => {
        const row = rows[index]
        if (row === undefined) return false
        const state = row.is_active ? (row.old ? "expired" : "active") : "disabled"
        const named =
          globs.length === 0 ||
          (globs.includes("a") && row.name === "a") ||
          (globs.includes("ci-*") && row.name.startsWith("ci-")) ||
          (globs.includes("*-1") && row.name.endsWith("-1"))
        return named && (states.length === 0 || states.some((it) => it === state)) && (!expired || row.old)
      })
      assert.deepStrictEqual(selected.map(({ key }) => key), expected)
      assert.strictEqual(left.length + selected.length, all.keys.length)
      assert.isTrue([...left, ...selected].every(({ reason }) => reason.length > 0))
    },
    { fastCheck: { numRuns: 1000 } }
  )
})
