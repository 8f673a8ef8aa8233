import { assert, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { fromCredits, sum, toCredits } from "../src/Credit.ts"

it("a total of amounts that are no longer exact together stops at the largest exact one", () => {
  const huge = fromCredits(9_000_000_000)
  assert.strictEqual(sum([huge, huge]), Number.MAX_SAFE_INTEGER)
  assert.isAbove(toCredits(sum([huge, huge])), 9_000_000_000)
})

it.prop(
  "sums are exact",
  [FastCheck.array(FastCheck.integer({ min: 0, max: 1_000_000 }), { maxLength: 50 })],
  ([cents]) => {
    const expected = cents.reduce((total, each) => total + each, 0)
    assert.strictEqual(sum(cents.map((each) => fromCredits(each / 100))), expected * 10_000)
  }
)
