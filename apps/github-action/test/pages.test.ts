import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Receipt } from "@keysweep/revocation/Receipt"
import { Schema } from "effect"
import { assert, it } from "vitest"
import { withinLimit } from "../src/Markdown.ts"
import { receiptSummary } from "../src/Summary.ts"
import { makeWorld } from "./World.ts"

/** What the runner takes of one step. */
const most = 1_048_576

it("a plan, an audit and a refusal of 10,000 keys with the longest names fit on a page, with the hash, and say what they leave out", async () => {
  const world = await makeWorld(["--seed", "empty", "--rpm", "1000"])
  await world.create("one")
  const [account] = await world.accounts()
  const [key] = account?.keys ?? []
  const many = Array.from({ length: 10_000 }, (_, at) => ({
    ...key,
    name: `${at}${"|".repeat(120)}`,
    key: `ek-proxy-${at.toString(16).padStart(32, "0")}`
  }))
  const seed = join(world.folder, "seed.json")
  writeFileSync(seed, JSON.stringify({ accounts: [{ ...account, keys: many }] }))
  const large = await makeWorld(["--seed", seed, "--rpm", "1000"])
  const run = (inputs: { readonly [name: string]: string }) => large.run({ ...large.base, ...inputs })
  const plan = { command: "plan", action: "contain", expires: "7d", all: "true", reason: "a test" }
  const planned = await run({ ...plan, "limit-type": "daily" })
  const audited = await run({ command: "audit" })
  for (const { outputs, stdout, summary } of [planned, audited]) {
    assert.strictEqual(outputs["outcome"], "done", stdout)
    assert.strictEqual(JSON.parse(outputs["summary-counts"] ?? "").keys, 10_000)
    assert.isBelow(Buffer.byteLength(summary), most)
    assert.include(summary, "9500 more rows are not shown")
  }
  const refused = await run(plan)
  assert.strictEqual(refused.outputs["outcome"], "refused", refused.stdout)
  assert.isBelow(Buffer.byteLength(refused.summary), most)
  assert.include(refused.summary, "9500 more are not shown")
  assert.include(planned.summary, `<code>${planned.outputs["plan-hash"]}</code>`)
})

it.each([100, 10_000])("a receipt of %i keys fits on a page that still says where it is recorded", (count) => {
  const receipt = Schema.decodeUnknownSync(Receipt)({
    schema: "keysweep.receipt/1",
    run: "run_0mhzzzzzz_0123456789",
    plan: "0".repeat(64),
    account: "acct_aaaaaaaaaaaaaaaa",
    action: "delete",
    outcome: "partial",
    stopped: null,
    keys: Array.from({ length: count }, () => ({
      id: "kf_aaaaaaaaaaaaaaaa",
      name: "|".repeat(200),
      outcome: "failed",
      detail: "<".repeat(1000)
    })),
    skipped: Array.from({ length: count }, () => ({
      id: "kf_aaaaaaaaaaaaaaaa",
      name: "|".repeat(200),
      reason: "<".repeat(1000)
    })),
    creditExpected: 1,
    creditObserved: null,
    soaks: [],
    backup: "bk_1",
    anchor: `7:${"0".repeat(64)}`,
    startedAt: "2026-11-22T00:00:00Z",
    finishedAt: "2026-11-22T00:00:00Z"
  })
  const page = withinLimit(receiptSummary(receipt, true))
  assert.isBelow(Buffer.byteLength(page), most)
  const text = readable(page)
  assert.include(text, `anchor <code>${receipt.anchor}</code>`)
  assert.strictEqual(text.includes("longer than GitHub shows"), count === 10_000)
})

const readable = (page: string): string => page.replaceAll(/&#(\d+);/g, (_, mark) => String.fromCharCode(Number(mark)))
