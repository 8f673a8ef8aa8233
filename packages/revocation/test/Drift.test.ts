import { assert, describe, it } from "@effect/vitest"
import { accountIdOf } from "@keysweep/core/Account"
import { DateTime, Either, FastCheck, Schema } from "effect"
import { compareInventories, Drift, driftLines, isUnchanged } from "../src/Drift.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { now, readingOf, seconds, type WireKey } from "./support.ts"

const later = DateTime.add(now, { days: 1 })
const inventory = (wires: ReadonlyArray<WireKey>, at = now) => inventoryOf({ ...readingOf(wires), at })
const drift = (before: ReadonlyArray<WireKey>, after: ReadonlyArray<WireKey>, at = later) =>
  Either.getOrThrow(compareInventories(inventory(before), inventory(after, at)))

describe("Drift", () => {
  it("one edit of an allow-list is exactly one line", () => {
    const before = [{ name: "ci", ip_whitelist: ["10.0.0.1"] }, { name: "web" }]
    const found = drift(before, [{ name: "ci", ip_whitelist: ["10.0.0.1", "10.0.0.2"] }, { name: "web" }])
    assert.deepStrictEqual(driftLines(found), [
      `changed: ci (${found.changed[0]?.id}), addresses: 10.0.0.1 → 10.0.0.1 10.0.0.2`
    ])
    assert.deepStrictEqual(found.use, [])
    assert.isFalse(isUnchanged(found))
  })

  it("each setting is one change", () => {
    const changes: ReadonlyArray<readonly [string, WireKey, string]> = [
      ["name", { name: "new" }, "name: key → new"],
      ["active", { is_active: false }, "disabled"],
      ["expiresAt", { expires_at: seconds + 60 }, "expires: never → 2026-11-21T12:01:00.000Z"],
      ["allocated", { allocated_ammount: 12.5 }, "allocated: 10 → 12.5 credits"],
      ["models", { model_whitelist: ["gpt-4o"] }, "models: any → gpt-4o"],
      ["addresses", { ip_whitelist: ["10.0.0.0/8"] }, "addresses: any → 10.0.0.0/8"]
    ]
    for (const [field, after, words] of changes) {
      const found = drift([{ name: "key" }], [{ name: "key", ...after }], now)
      assert.deepStrictEqual(
        found.changed.flatMap((it) => it.changes.map((each) => each.field)),
        [field]
      )
      assert.isTrue(driftLines(found)[0]?.endsWith(words), driftLines(found)[0])
      assert.deepStrictEqual(found.use, [])
    }
  })

  it("the order of an allow-list is no change", () => {
    const found = drift([{ model_whitelist: ["a", "b"] }], [{ model_whitelist: ["b", "a"] }])
    assert.isTrue(isUnchanged(found))
  })

  it("keys that came and went are new and gone, and known by their id, not their name", () => {
    const found = drift([{ name: "a" }, { name: "b" }], [{ name: "a" }, { name: "b", key: "ek-proxy-another-one" }])
    assert.deepStrictEqual(
      found.new.map(({ name }) => name),
      ["b"]
    )
    assert.deepStrictEqual(
      found.gone.map(({ name }) => name),
      ["b"]
    )
    assert.notStrictEqual(found.new[0]?.id, found.gone[0]?.id)
    assert.strictEqual(driftLines(found).length, 2)
  })

  it("spending, use and the clock are use, apart from settings", () => {
    const used = drift([{}], [{ used_ammount: 10, last_used: seconds }])
    assert.isTrue(isUnchanged(used))
    assert.deepStrictEqual(driftLines(used), [])
    assert.deepStrictEqual(
      used.use.map(({ state }) => state),
      [{ before: "active", after: "exhausted" }]
    )
    const ended = drift([{ expires_at: seconds + 60 }], [{ expires_at: seconds + 60 }])
    assert.isTrue(isUnchanged(ended))
    assert.deepStrictEqual(
      ended.use.map(({ state }) => state.after),
      ["expired"]
    )
  })

  it("two accounts are not compared", () => {
    const other = { ...inventory([{}]), account: accountIdOf("somebody else") }
    assert.isTrue(Either.isLeft(compareInventories(inventory([{}]), other)))
  })

  it("a partial inventory says that keys may only be unreadable", () => {
    const found = Either.getOrThrow(compareInventories(inventory([{}, {}]), inventoryOf(readingOf([{}], 1))))
    assert.deepStrictEqual([found.before.partial, found.after.partial, found.gone.length], [false, true, 1])
  })

  it("hostile names and allow-lists make one harmless line each", () => {
    const lines = driftLines(drift([{ name: "a" }], [{ name: "b\n\u001b[2Jgone: c\u202e", ip_whitelist: ["x\ny"] }]))
    assert.strictEqual(lines.length, 2)
    for (const harm of ["\n", "\u001b", "\u202e"]) assert.isFalse(lines.some((line) => line.includes(harm)))
  })

  const wire = FastCheck.record({
    is_active: FastCheck.boolean(),
    allocated_ammount: FastCheck.nat(3),
    used_ammount: FastCheck.nat(3),
    model_whitelist: FastCheck.shuffledSubarray(["a", "b"]),
    last_used: FastCheck.option(FastCheck.constantFrom(seconds, seconds - 60))
  })
  const wires = FastCheck.array(wire, { maxLength: 5 })

  it.prop("an inventory has not drifted from itself", [wires], ([keys]) => {
    const found = drift(keys, keys)
    assert.isTrue(isUnchanged(found) && found.use.length === 0)
  })

  it.prop(
    "backwards, what is new is gone, and the document reads back as it was",
    [wires, wires],
    ([before, after]) => {
      const found = drift(before, after, now)
      const back = drift(after, before, now)
      assert.deepStrictEqual(back.gone, found.new)
      assert.deepStrictEqual(back.new, found.gone)
      assert.strictEqual(driftLines(back).length, driftLines(found).length)
      assert.strictEqual(isUnchanged(found), driftLines(found).length === 0)
      assert.deepStrictEqual(
        Schema.decodeUnknownSync(Drift)(JSON.parse(JSON.stringify(Schema.encodeSync(Drift)(found)))),
        found
      )
    }
  )
})
