import { assert, it } from "@effect/vitest"
import { accountIdOf } from "@keysweep/core/Account"
import { fromCredits } from "@keysweep/core/Credit"
import { messageProblems, viewProblems } from "@keysweep/testkit/BlockLimits"
import { KeyId } from "@keysweep/core/ProxyKey"
import type { Action } from "@keysweep/revocation/Action"
import type { Plan } from "@keysweep/revocation/Plan"
import type { Receipt } from "@keysweep/revocation/Receipt"
import { DateTime, FastCheck } from "effect"
import { escaped, type Message, message, plain } from "../src/Blocks.ts"
import { inventoryMessage } from "../src/commands/list.ts"
import { confirmModal } from "../src/commands/confirm.ts"
import { said } from "../src/Reply.ts"
import { type Request, RequestId } from "../src/Request.ts"
import { blockedMessage, requestMessage } from "../src/RunMessage.ts"

const at = DateTime.unsafeMake("2026-11-21T12:00:00Z")
const account = accountIdOf("somebody")
const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
const idOf = (number: number) =>
  KeyId.make(`kf_${Array.from({ length: 16 }, (_, place) => alphabet[Math.floor(number / 32 ** place) % 32]).join("")}`)

const planOf = (names: ReadonlyArray<string>, action: Action, reason: string | null = null): Plan => ({
  schema: "keysweep.plan/1",
  hash: "f".repeat(64),
  digest: "d".repeat(64),
  account,
  action,
  method: action === "delete-all" ? "bulk" : "each",
  reason,
  undoes: null,
  thenDelete: [],
  keys: names.map((name, number) => ({
    id: idOf(number),
    name,
    state: "active",
    prior: "p",
    settings: { active: true, expiresAt: null, allocated: fromCredits(10), models: [], addresses: [] },
    becomes: null,
    remaining: fromCredits(10),
    lastUsedAt: at
  })),
  skipped: names.map((name, number) => ({ id: idOf(number), name, reason: `protected: ${name}` })),
  refused: [],
  evidence: [],
  gate: [{ check: "live use", result: "block", detail: names.join(", "), lift: "wait" }],
  overridden: [],
  automatic: false,
  checklist: [{ step: "audit", status: "done", detail: names.slice(0, 1).join("") }],
  requests: names.length + 2,
  estimateSeconds: 12,
  creditExpected: fromCredits(10),
  createdAt: at,
  expiresAt: at,
  settings: null,
  nonce: "n"
})

const requestOf = (plan: Plan, receipt: Receipt | null = null): Request => ({
  schema: "keysweep.slack-request/1",
  id: RequestId.make("req_0mwqx5fdh_uxjtqoff0y"),
  at,
  plan,
  requester: "U024BE7LH",
  channel: "C1",
  ts: "1.1",
  confirmation: null,
  taken: null,
  ending: receipt === null ? null : { outcome: receipt.outcome, detail: receipt.stopped ?? "", receipt, at },
  told: false
})

const receiptOf = (plan: Plan): Receipt => ({
  schema: "keysweep.receipt/1",
  run: "run_0mwqx5fdh_uxjtqoff0y",
  plan: plan.hash,
  account,
  action: plan.action,
  outcome: "partial",
  stopped: plan.keys.map(({ name }) => name).join(" "),
  keys: plan.keys.map(({ id, name }, number) => ({
    id,
    name,
    outcome: number === 7 ? "failed" : "done",
    detail: number === 7 ? name : ""
  })),
  skipped: [],
  creditExpected: fromCredits(10),
  creditObserved: null,
  soaks: [],
  backup: "bk_0mwqx5fdh_uxjtqoff0y",
  anchor: `12:${"a".repeat(64)}`,
  startedAt: at,
  finishedAt: at
})

const everyMessage = (names: ReadonlyArray<string>, reason: string | null): ReadonlyArray<Message> => {
  const plan = planOf(names, "delete", reason)
  const request = requestOf(plan)
  return [
    requestMessage(request, { _tag: "Planned" }),
    requestMessage(request, { _tag: "Waiting", approvals: { required: 1, given: [] } }),
    requestMessage(request, { _tag: "Running", progress: "Deleting: 1 of 2" }),
    requestMessage(requestOf(plan, receiptOf(plan)), { _tag: "Ended" }),
    blockedMessage(plan),
    inventoryMessage({
      schema: "keysweep.inventory/1",
      account,
      at,
      partial: true,
      unreadable: [],
      keys: plan.keys.map(({ id, name }) => ({
        id,
        name,
        state: "active",
        findings: [],
        allocated: fromCredits(10),
        used: fromCredits(0),
        remaining: fromCredits(10),
        createdAt: at,
        lastUsedAt: at,
        expiresAt: at,
        models: [],
        addresses: []
      })),
      totals: {
        keys: names.length,
        active: 1,
        allocated: fromCredits(10),
        used: fromCredits(0),
        remaining: fromCredits(10)
      }
    }),
    said(names.join(" ") || "nothing")
  ]
}

const hostile = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 200 }),
  FastCheck.constantFrom("<!channel>", "<@U1|x>", "`", "*_~", "\u202E", "ek-proxy-1234567890abcdef", "&".repeat(100))
)

it("every message keeps Slack's limits, whatever the keys are called and however many there are", () => {
  const names = FastCheck.oneof(
    FastCheck.array(hostile, { minLength: 1, maxLength: 60 }),
    FastCheck.tuple(hostile, FastCheck.constantFrom(100, 500)).map(([name, count]) =>
      Array.from({ length: count }, () => name)
    )
  )
  FastCheck.assert(
    FastCheck.property(names, FastCheck.option(hostile), (all, reason) => {
      const problems = everyMessage(all, reason).flatMap(({ blocks, text }) => messageProblems(text, blocks))
      assert.deepStrictEqual(problems, [])
    }),
    { numRuns: 40, examples: [[Array.from({ length: 2000 }, () => "&".repeat(60)), null]] }
  )
})

it("the form keeps Slack's limits too", () => {
  FastCheck.assert(
    FastCheck.property(
      FastCheck.array(hostile, { minLength: 1, maxLength: 60 }),
      FastCheck.constantFrom<Action>("delete", "disable"),
      (names, action) => {
        const { blocks, close, id, subject, submit, title } = confirmModal(requestOf(planOf(names, action)))
        const words = (text: string) => ({ type: "plain_text", text })
        const view = {
          title: words(title),
          ...(submit === null ? {} : { submit: words(submit) }),
          close: words(close),
          callback_id: id,
          private_metadata: subject,
          blocks
        }
        assert.deepStrictEqual(viewProblems(view), [])
      }
    )
  )
})

it("I8: no secret, no mention and no markup of others, whatever the keys are called", () => {
  const names = ["<!channel>", "<@U1|x> <https://example.com|y>", "ek-proxy-1234567890abcdef", "ek-master-key-0000"]
  const all = JSON.stringify(everyMessage(names, "<!here> ek-proxy-1234567890abcdef"))
  assert.notInclude(all, "ek-")
  assert.notMatch(all, /"type":"mrkdwn","text":"(?:[^"\\]|\\.)*<[!@](?!U024BE7LH>)/)
  assert.include(all, "<!channel>")
})

it("buttons are there only while they do something", () => {
  const plan = planOf(["one"], "delete")
  const actions = everyMessage(["one"], null).map(({ blocks }) =>
    blocks.flatMap((block) =>
      block.type === "actions" ? block.elements.flatMap((it) => ("action_id" in it ? [it.action_id] : [])) : []
    )
  )
  assert.deepStrictEqual(actions, [["confirm", "cancel"], ["approve", "cancel"], [], [], [], [], []])
  assert.include(JSON.stringify(requestMessage(requestOf(plan), { _tag: "Planned" })), "Deleted keys never come back")
})

it("what went wrong stands first in a receipt", () => {
  const plan = planOf(
    Array.from({ length: 100 }, (_, number) => `key-${number}`),
    "delete"
  )
  const shown = JSON.stringify(requestMessage(requestOf(plan, receiptOf(plan)), { _tag: "Ended" }))
  assert.isTrue(shown.includes("✗ key-7: failed"))
  assert.isTrue(shown.indexOf("✗ key-7") < shown.indexOf("✓ key-0"))
  assert.include(shown, "… and 60 more")
})

it("escapes what Slack reads as markup, and nothing twice", () => {
  assert.strictEqual(escaped("a & b <!channel>"), "a &amp; b &lt;!channel&gt;")
  assert.strictEqual(message("x", [plain("a & b")]).blocks.length, 1)
})
