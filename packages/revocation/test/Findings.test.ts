import { assert, describe, it } from "@effect/vitest"
import {
  explain,
  Finding,
  findingsAmong,
  findingTitle,
  idleDays,
  severityOf,
  soonDays,
  usualSeverity
} from "../src/Findings.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { now, readingOf, seconds, type WireKey } from "./support.ts"

const day = 86_400
/** A key that nothing is remarkable about. */
const plain: WireKey = {
  name: "plain",
  model_whitelist: ["gpt-4o"],
  ip_whitelist: ["10.0.0.1"],
  expires_at: seconds + 90 * day,
  last_used: seconds - day
}
const keyOf = (wire: WireKey, others: ReadonlyArray<WireKey> = [], ownerOf?: () => string | null) => {
  const [key] = inventoryOf(readingOf([{ ...plain, ...wire }, ...others]), ownerOf).keys
  if (key === undefined) throw new Error("no key")
  return key
}
const findings = (wire: WireKey, others: ReadonlyArray<WireKey> = []) => keyOf(wire, others).findings

describe("Findings", () => {
  it("nothing is found about a key that is limited, used and ends", () => {
    assert.deepStrictEqual(findings({}), [])
  })

  it("each finding is found, alone", () => {
    const cases: { readonly [finding in Finding]: readonly [WireKey, ReadonlyArray<WireKey>?] } = {
      "any-model": [{ model_whitelist: [] }],
      "any-address": [{ ip_whitelist: [] }],
      "no-expiry": [{ expires_at: -1 }],
      expired: [{ expires_at: seconds }],
      "expiring-soon": [{ expires_at: seconds + soonDays * day }],
      exhausted: [{ used_ammount: 10 }],
      "never-used": [{ last_used: null }],
      idle: [{ last_used: seconds - idleDays * day }],
      "over-allocated": [{ used_ammount: 0.9 }],
      "same-name": [{}, [{ name: "plain" }]],
      "unknown-owner": [{}]
    }
    for (const finding of Finding.literals) {
      const [wire, others] = cases[finding]
      const nobody = finding === "unknown-owner" ? () => null : undefined
      assert.deepStrictEqual(keyOf(wire, others, nobody).findings, [finding])
    }
  })

  it("a day or a credit on this side of the bound nothing is found", () => {
    assert.deepStrictEqual(findings({ expires_at: seconds + soonDays * day + 1 }), [])
    assert.deepStrictEqual(findings({ last_used: seconds - idleDays * day + 1 }), [])
    assert.deepStrictEqual(findings({ used_ammount: 1 }), [])
    assert.deepStrictEqual(findings({ used_ammount: 9.99 }), [])
  })

  it("over-allocated is judged after a month of use, and not of keys that were never used", () => {
    assert.deepStrictEqual(findings({ used_ammount: 0, created_at: seconds - 29 * day }), [])
    assert.deepStrictEqual(findings({ used_ammount: 0, created_at: null }), [])
    assert.deepStrictEqual(findings({ used_ammount: 0, last_used: null }), ["never-used"])
  })

  it("an owner is missed only where somebody says who owns what", () => {
    assert.notInclude(findings({}), "unknown-owner")
    assert.include(keyOf({}, [], () => null).findings, "unknown-owner")
    assert.notInclude(keyOf({}, [], () => "mara").findings, "unknown-owner")
  })

  it("a working key with no limit at all is an error, with one limit a warning, a dead key a note", () => {
    const open = { model_whitelist: [], ip_whitelist: [], expires_at: -1 }
    assert.strictEqual(severityOf("any-address", keyOf(open)), "error")
    assert.strictEqual(severityOf("any-address", keyOf({ ...open, expires_at: seconds + 90 * day })), "warning")
    assert.strictEqual(severityOf("any-address", keyOf({ ...open, is_active: false })), "note")
    assert.strictEqual(severityOf("idle", keyOf({ last_used: seconds - 50 * day })), "warning")
    assert.strictEqual(severityOf("idle", keyOf({ last_used: seconds - 50 * day, is_active: false })), "note")
  })

  it("every finding has a title, and words with its numbers that never hold the name", () => {
    const key = keyOf({
      name: "\u001b[31mhostile",
      used_ammount: 0.25,
      last_used: seconds - 43 * day,
      expires_at: seconds + 5 * day
    })
    for (const finding of Finding.literals) {
      assert.isAbove(findingTitle[finding].length, 10)
      assert.include(["note", "warning", "error"], usualSeverity[finding])
      assert.notInclude(explain(finding, key, now), "hostile")
    }
    assert.strictEqual(explain("idle", key, now), "was last used 43 days ago")
    assert.strictEqual(explain("expiring-soon", key, now), "expires in 5 days")
    assert.strictEqual(
      explain("over-allocated", key, now),
      "has spent 0.25 of 10 credits since it was made 90 days ago"
    )
  })

  it("20,000 keys are judged without comparing each with each", () => {
    const { listing } = readingOf([plain])
    const [key] = listing.keys
    assert.isDefined(key)
    if (key === undefined) return
    const many = Array.from({ length: 20_000 }, () => key)
    const findingsOf = findingsAmong(many, now)
    assert.isTrue(many.every((each) => findingsOf(each).includes("same-name")))
  })
})
