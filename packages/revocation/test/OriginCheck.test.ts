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

it("what somebody wrote into a plan as its origin is one line without a secret", () => {
  const made = { repository: "alice/keys\n::error::x", ref: "ek-proxy-0123456789\u001b[2J" }
  const { detail } = originCheck({ origin: "ref" }, made, main)
  assert.match(detail, /^made in alice\/keys ::error::x on \[kf_[a-z2-7]{16}\][^\p{Cc}]*$/u)
})
