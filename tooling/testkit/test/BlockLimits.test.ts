import { assert, it } from "vitest"
import { messageProblems, type Part, viewProblems } from "../src/BlockLimits.ts"

const plain = (text: string) => ({ type: "plain_text", text })
const section = (text: string): Part => ({ type: "section", text: plain(text) })
const input = (label: string): Part => ({
  type: "input",
  block_id: "a",
  label: plain(label),
  element: { type: "plain_text_input", action_id: "a" }
})
const modal = (more: object): Part => ({
  title: plain("Title"),
  submit: plain("Yes"),
  close: plain("No"),
  blocks: [input("Label")],
  ...more
})

it("takes a good message and a good modal", () => {
  assert.deepStrictEqual(messageProblems("text", [section("a"), { type: "divider" }]), [])
  assert.deepStrictEqual(viewProblems(modal({})), [])
})

it.each<readonly [what: string, blocks: ReadonlyArray<Part>]>([
  ["51 blocks", Array.from({ length: 51 }, () => section("a"))],
  ["a section of 3001 characters", [section("a".repeat(3001))]],
  ["an empty section", [section("")]],
  ["12,001 characters", Array.from({ length: 5 }, () => section("a".repeat(2401)))],
  ["a header of 151 characters", [{ type: "header", text: plain("a".repeat(151)) }]],
  ["markup in a header", [{ type: "header", text: { type: "mrkdwn", text: "a" } }]],
  [
    "26 buttons",
    [{ type: "actions", elements: Array.from({ length: 26 }, () => ({ type: "button", text: plain("a") })) }]
  ],
  ["a button of 76 characters", [{ type: "actions", elements: [{ type: "button", text: plain("a".repeat(76)) }] }]],
  ["no button", [{ type: "actions", elements: [] }]],
  ["11 elements of a context", [{ type: "context", elements: Array.from({ length: 11 }, () => plain("a")) }]],
  [
    "the same block_id twice",
    [
      { ...section("a"), block_id: "x" },
      { ...section("b"), block_id: "x" }
    ]
  ],
  ["a block that is not known", [{ type: "sektion" }]]
])("refuses a message with %s", (_, blocks) => {
  assert.lengthOf(messageProblems("text", blocks), 1)
})

it.each<readonly [what: string, view: Part]>([
  ["a title of 25 characters", modal({ title: plain("a".repeat(25)) })],
  ["a submit of 25 characters", modal({ submit: plain("a".repeat(25)) })],
  ["an input and no submit", modal({ submit: undefined })],
  ["101 blocks", modal({ blocks: Array.from({ length: 101 }, () => section("a")) })],
  ["private_metadata of 3001 characters", modal({ private_metadata: "a".repeat(3001) })]
])("refuses a modal with %s", (_, view) => {
  assert.lengthOf(viewProblems(view), 1)
})
