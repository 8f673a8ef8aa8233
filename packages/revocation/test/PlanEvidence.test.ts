import { assert, describe, it } from "@effect/vitest"
import { fromCredits } from "@keysweep/core/Credit"
import type { KeyId } from "@keysweep/core/ProxyKey"
import { DateTime, Either } from "effect"
import { inventoryOf } from "../src/Inventory.ts"
import { makePlan, type PlanFacts } from "../src/Plan.ts"
import type { KeptScan } from "../src/scan/ScanMemory.ts"
import { parseSettings } from "../src/Settings.ts"
import { factsOf, now, readingOf, seconds } from "./support.ts"

const reading = readingOf([{ name: "web" }, { name: "job" }])
const [web, job] = reading.listing.keys.map(({ id }) => id)
if (web === undefined || job === undefined) throw new Error("two keys")

const scanOf = (found: ReadonlyArray<readonly [KeyId, string]>, more: Partial<KeptScan> = {}): KeptScan => ({
  at: DateTime.subtract(now, { hours: 2 }),
  tree: "/srv/shop",
  complete: true,
  keys: [web, job],
  found: found.map(([key, place]) => ({ key, place })),
  ...more
})

const planned = (more: Partial<PlanFacts>) => {
  const planning = makePlan({ action: "delete", selector: { all: true } }, { ...factsOf(reading), ...more })
  const made = Either.getOrThrow(planning)
  if (made._tag !== "Plan") throw new Error(made.detail)
  return made.plan
}
const answers = (more: Partial<PlanFacts>) => {
  const { checklist, gate } = planned(more)
  const status = (step: string) => checklist.find((it) => it.step === step)?.status
  return [
    gate.find(({ check }) => check === "still stored")?.result,
    status("update applications"),
    status("check dependencies")
  ]
}

describe("Evidence in a plan", () => {
  it("is what is known of each key: owner, spending since the reading before, places; and otherwise unknown", () => {
    const { evidence } = planned({
      previous: inventoryOf(readingOf([{ name: "web", used_ammount: 1.5 }])),
      settings: Either.getOrThrow(parseSettings("f", "owners: [{ name: web, service: shop }]")),
      scans: [scanOf([[web, ".env:1:9"]], { keys: [web] })]
    })
    const byId = new Map(evidence.map((it) => [it.id, it]))
    assert.deepStrictEqual(byId.get(job), { id: job, owner: null, spentSince: null, stored: "unknown" })
    assert.strictEqual(byId.get(web)?.owner, "shop")
    assert.strictEqual(byId.get(web)?.spentSince?.credits, fromCredits(2.5))
    assert.deepStrictEqual(byId.get(web)?.stored, [
      { tree: "/srv/shop", at: DateTime.subtract(now, { hours: 2 }), count: 1, places: [".env:1:9"] }
    ])
  })

  it("answers the checklist and the check `still stored` as done, unknown or not done", () => {
    assert.deepStrictEqual(answers({}), ["warn", "unknown", "unknown"])
    assert.deepStrictEqual(answers({ scans: [scanOf([])] }), ["pass", "done", "done"])
    // Looked for, but not for both, or not everywhere: nobody knows.
    assert.deepStrictEqual(answers({ scans: [scanOf([], { keys: [web] })] }), ["warn", "unknown", "unknown"])
    assert.deepStrictEqual(answers({ scans: [scanOf([], { complete: false })] }), ["warn", "unknown", "unknown"])
    assert.deepStrictEqual(answers({ scans: [scanOf([[job, "a:1:1"]])] }), ["warn", "not done", "done"])
    // One tree without it is no answer for another one with it.
    const both = [scanOf([]), scanOf([[job, "a:1:1"]], { tree: "/srv/job", complete: false })]
    assert.deepStrictEqual(answers({ scans: both }), ["warn", "not done", "done"])
    const live = readingOf([{ name: "web" }, { name: "job", last_used: seconds - 60 }])
    assert.deepStrictEqual(answers({ reading: live, scans: [scanOf([])] }), ["pass", "not done", "not done"])
  })

  it("blocks a deletion where the settings say so: what is written down, and what nobody looked for", () => {
    const settings = Either.getOrThrow(parseSettings("f", "block: [still stored]"))
    assert.strictEqual(answers({ settings })[0], "block")
    assert.strictEqual(answers({ settings, scans: [scanOf([[job, "a:1:1"]])] })[0], "block")
    assert.strictEqual(answers({ settings, scans: [scanOf([])] })[0], "pass")
  })

  it("is of one machine: the digest is the same without it, and the hash is not", () => {
    const [without, with_] = [
      planned({}),
      planned({ scans: [scanOf([[job, "a:1:1"]])], previous: inventoryOf(reading) })
    ]
    assert.strictEqual(without.digest, with_.digest)
    assert.notStrictEqual(without.hash, with_.hash)
  })
})
