import { assert, it } from "@effect/vitest"
import { inventoryOf, planOf, receiptOf, requestOf } from "./Examples.ts"
import { escaped, type Message, message, plain } from "../src/Blocks.ts"
import { inventoryMessage } from "../src/commands/list.ts"
import { said } from "../src/Reply.ts"
import { blockedMessage, requestMessage } from "../src/RunMessage.ts"

const everyMessage = (names: ReadonlyArray<string>, reason: string | null): ReadonlyArray<Message> => {
  const plan = planOf(names, "delete", reason)
  const request = requestOf(plan)
  return [
    requestMessage(request, { _tag: "Planned" }),
    requestMessage(request, { _tag: "Waiting", approvals: { required: 1, given: [] } }),
    requestMessage(request, { _tag: "Running", progress: "Deleting: 1 of 2" }),
    requestMessage(requestOf(plan, receiptOf(plan)), { _tag: "Ended" }),
    blockedMessage(plan),
    inventoryMessage(inventoryOf(names)),
    said(names.join(" ") || "nothing")
  ]
}

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
