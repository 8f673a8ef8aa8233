import { assert, it } from "@effect/vitest"
import { admit, emptyBucket, look } from "@keysweep/emulator/Window"
import { Schema } from "effect"
import { optimumMillis } from "../src/Optimum.ts"

const windowMillis = 60_000

const Requests = Schema.Int.pipe(Schema.between(1, 300))
const Capacity = Schema.Int.pipe(Schema.between(1, 60))

it.prop(
  "is when a client is done that sends whenever the limiter has room",
  [Requests, Capacity],
  ([requests, limit]) => {
    const bucket = emptyBucket()
    const rules = { limit, windowMillis, cooldownMillis: 180_000, cooldownExtends: false }
    let now = 0
    for (let sent = 0; sent < requests; sent++) {
      const { remaining, resetAt } = look(bucket, now, rules)
      if (remaining === 0) now = resetAt
      assert.isTrue(admit(bucket, now, rules).admitted)
    }
    assert.strictEqual(now, optimumMillis(requests, { limit, reserve: 0, windowMillis }))
  }
)

it("what is left to others takes room from every window", () => {
  const limit = { limit: 5, windowMillis }
  assert.strictEqual(optimumMillis(10, { ...limit, reserve: 0 }), 60_000)
  assert.strictEqual(optimumMillis(10, { ...limit, reserve: 1 }), 120_000)
})

it("one request a window goes even where the reserve would leave none", () => {
  assert.strictEqual(optimumMillis(3, { limit: 1, reserve: 1, windowMillis }), 120_000)
})
