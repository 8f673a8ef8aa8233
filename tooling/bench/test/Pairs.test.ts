import { assert, it } from "@effect/vitest"
import { interleaved, median } from "../src/Pairs.ts"

it("the median of an even number is between the two in the middle", () => {
  assert.strictEqual(median([9, 1, 3, 2]), 2.5)
  assert.strictEqual(median([9, 1, 3]), 3)
  assert.isNaN(median([]))
})

it("measures in turn, and leaves the first pair out", async () => {
  const order: Array<string> = []
  const take = (who: string, values: Array<number>) => async () => {
    order.push(who)
    return values.shift() ?? 0
  }
  const pairs = await interleaved(3, take("ours", [1000, 2, 4, 60]), take("against", [1, 1, 2, 20]))
  assert.deepStrictEqual(order.slice(0, 4), ["ours", "against", "ours", "against"])
  assert.strictEqual(order.length, 8)
  assert.deepStrictEqual(pairs, { ours: 4, against: 2, ratio: 2 })
})
