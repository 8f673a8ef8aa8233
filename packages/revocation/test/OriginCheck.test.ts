import { assert, it } from "@effect/vitest"
import { originCheck } from "../src/OriginCheck.ts"

const main = { repository: "alice/keys", ref: "refs/heads/main" }
const fork = { repository: "mallory/keys", ref: "refs/heads/main" }
const branch = { repository: "Alice/Keys", ref: "refs/heads/other" }

it("a plan is applied where it was made, as far as the settings ask for that", () => {
  for (const [wanted, made, here, result] of [
    [undefined, main, fork, "pass"],
    ["repository", main, main, "pass"],
    ["repository", main, branch, "pass"],
    ["repository", main, fork, "block"],
    ["ref", main, main, "pass"],
    ["ref", main, branch, "block"],
    ["ref", main, fork, "block"],
    // What a terminal has made is a terminal's to apply.
    ["repository", undefined, main, "block"],
    ["repository", main, undefined, "block"],
    ["ref", undefined, undefined, "pass"]
  ] as const) {
    const check = originCheck({ origin: wanted }, made, here)
    assert.strictEqual(check.result, result, JSON.stringify([wanted, made, here]))
  }
})
