import { assert, describe, it } from "@effect/vitest"
import { UseRecord } from "@keysweep/core/AccountReader"
import { fromCredits } from "@keysweep/core/Credit"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Effect, Either, Redacted, Stream } from "effect"
import { evidenceOf } from "../src/Evidence.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { observe, usedBetween } from "../src/Observe.ts"
import { storedIn } from "../src/scan/ScanMemory.ts"
import { parseSettings, Settings } from "../src/Settings.ts"
import { now, readingOf, seconds } from "./support.ts"
import { live, makeWorld } from "./world.ts"

const inventory = inventoryOf(readingOf([{ name: "web" }, { name: "web" }, { name: "job" }]))
const keyAt = (index: number) => {
  const key = inventory.keys[index]
  if (key === undefined) throw new Error("no such key")
  return key
}
const use = (key: KeyId | null, minutesAgo: number, status = "success") =>
  UseRecord.make({
    at: DateTime.subtract(now, { minutes: minutesAgo }),
    key,
    model: "gpt-4o",
    route: "/v1/chat/completions",
    spent: fromCredits(0.25),
    status,
    address: "192.0.2.1",
    inputTokens: null,
    outputTokens: null
  })
const facts = { inventory, previous: null, log: null, settings: Settings.none, stored: storedIn([]) }

describe("Evidence", () => {
  it("what nothing shows is unknown, and never called unused", () => {
    assert.strictEqual(evidenceOf(keyAt(0), facts).requests, "unknown")
    assert.strictEqual(evidenceOf(keyAt(0), { ...facts, log: [] }).requests, "unknown")
    assert.strictEqual(evidenceOf(keyAt(0), { ...facts, log: [use(null, 5)] }).requests, "unknown")
  })

  it("a request log counts for the time that it covers, which is stated", () => {
    const log = [use(keyAt(0).id, 90), use(keyAt(0).id, 5, "error"), use(keyAt(2).id, 30)]
    const { requests } = evidenceOf(keyAt(0), { ...facts, log })
    if (requests === "unknown") throw new Error("unknown")
    assert.strictEqual(requests.count, 2)
    assert.strictEqual(requests.refused, 1)
    assert.strictEqual(requests.spent, fromCredits(0.5))
    assert.strictEqual(DateTime.formatIso(requests.from), DateTime.formatIso(DateTime.subtract(now, { minutes: 90 })))
    const none = evidenceOf(keyAt(1), { ...facts, log }).requests
    assert.isTrue(none !== "unknown" && none.count === 0)
  })

  it("names the owner, the spending since the last inventory, and keys of the same name", () => {
    const settings = Either.getOrThrow(parseSettings("f", "owners: [{ name: web, service: shop, criticality: high }]"))
    const previous = inventoryOf(readingOf([{ name: "web", used_ammount: 3 }]))
    const evidence = evidenceOf(keyAt(0), { ...facts, previous, settings })
    assert.strictEqual(evidence.owner, "shop")
    assert.strictEqual(evidence.criticality, "high")
    assert.strictEqual(evidence.spentSince?.credits, fromCredits(1))
    assert.deepStrictEqual(evidence.sameName, [keyAt(1).id])
    assert.isNull(evidenceOf(keyAt(2), { ...facts, previous, settings }).spentSince)
  })

  it("a key is live when its last use or its spending moved", () => {
    const before = readingOf([{}, {}, {}])
    const after = readingOf([{}, { used_ammount: 4.01 }, { last_used: seconds }, { last_used: null }])
    assert.deepStrictEqual(
      usedBetween(inventoryOf(before), inventoryOf(after)).live.map(({ name }) => name),
      ["key-1", "key-2"]
    )
  })

  it.scopedLive("observe sees a request made while it watches, over a real socket", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const state = yield* world.state
      const wire = state?.keys.find((key) => key.name === "everything key")
      const call = Effect.promise(() =>
        fetch(`${world.emulator.url}/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${String(wire?.key)}`, "content-type": "application/json" },
          body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "hello" }] })
        })
      )
      const watching = observe(world.sweep.inventory, { every: "200 millis", during: "900 millis" })
      const seen = yield* watching.pipe(
        Stream.zipWithIndex,
        Stream.tap(([, index]) => (index === 1 ? call : Effect.void)),
        Stream.runCollect
      )
      const counts = [...seen].map(([{ live }]) => live.map(({ name }) => name).join())
      assert.strictEqual(counts[0], "")
      assert.strictEqual(counts.at(-1), "everything key")
      const evidence = yield* world.sweep.show("everything key")
      assert.isTrue(evidence.requests !== "unknown" && evidence.requests.count > 0)
      assert.notInclude(JSON.stringify(evidence), Redacted.value(world.emulator.apiKey))
    }).pipe(Effect.provide(live))
  )
})
