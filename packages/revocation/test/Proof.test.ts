import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import type { Action } from "../src/Action.ts"
import { exitCodeOf, Outcome } from "../src/Outcome.ts"
import { type Attempt, judge, outcomeOf, type Shown } from "../src/Proof.ts"
import { held } from "./support.ts"

const active = held(1).key
const disabled = held(1, { is_active: false }).key
const attempts: ReadonlyArray<Attempt> = [
  { result: "acted" },
  { result: "gone" },
  { result: "absent" },
  { result: "refused", detail: "no" },
  { result: "doubt", detail: "no reply" },
  { result: "not sent", detail: "stopped" }
]
const shown = FastCheck.constantFrom<Shown>("absent", "unread", active, disabled)

describe("Proof", () => {
  it.prop(
    "I10: done is said only of what a fresh reading shows",
    [
      FastCheck.constantFrom<Action>("delete", "delete-all", "disable", "enable"),
      FastCheck.constantFrom(...attempts),
      shown
    ],
    ([action, attempt, seen]) => {
      const { outcome } = judge(action, attempt, seen)
      if (outcome === "done") {
        assert.notStrictEqual(seen, "unread")
        if (action === "delete" || action === "delete-all") assert.strictEqual(seen, "absent")
        if (action === "disable") assert.notStrictEqual(seen, active)
        if (action === "enable") assert.strictEqual(seen, active)
      }
      if (outcome === "already-gone") assert.isTrue(seen === "absent" || attempt.result === "absent")
    }
  )

  it("I10: an upstream that says yes and keeps the key is unverified, without a reading too", () => {
    assert.strictEqual(judge("delete", { result: "acted" }, active).outcome, "unverified")
    assert.strictEqual(judge("delete", { result: "acted" }, "unread").outcome, "unverified")
    assert.strictEqual(judge("disable", { result: "acted" }, active).outcome, "unverified")
  })

  it("I5: a lost reply is settled by the reading, either way", () => {
    const doubt: Attempt = { result: "doubt", detail: "no reply" }
    assert.strictEqual(judge("delete", doubt, "absent").outcome, "done")
    assert.strictEqual(judge("delete", doubt, active).outcome, "failed")
    assert.strictEqual(judge("delete", doubt, "unread").outcome, "unverified")
    const narrow = { ...active, addresses: ["192.0.2.1"], limitType: "daily" } as const
    const narrowed = { ...active, remaining: active.remaining, addresses: ["192.0.2.1"] }
    assert.strictEqual(judge("contain", doubt, narrowed, narrow).outcome, "done")
    assert.strictEqual(judge("contain", doubt, active, narrow).outcome, "failed")
    assert.strictEqual(judge("contain", doubt, "absent", narrow).outcome, "already-gone")
  })

  it("a 404 for a key that is still listed is a missing route, not a deletion", () => {
    assert.strictEqual(judge("delete", { result: "gone" }, active).outcome, "failed")
    assert.strictEqual(judge("delete", { result: "gone" }, "absent").outcome, "already-gone")
  })

  it("I10: exit code 0 means that every key is done or was already gone, and the log holds it", () => {
    const of = (...outcomes: ReadonlyArray<"done" | "already-gone" | "failed" | "unverified" | "skipped">) =>
      outcomes.map((outcome) => ({ outcome, detail: "" }))
    assert.strictEqual(outcomeOf(of("done", "already-gone"), null), "done")
    assert.strictEqual(outcomeOf(of("done", "failed"), null), "partial")
    assert.strictEqual(outcomeOf(of("failed"), null), "failed")
    assert.strictEqual(outcomeOf(of("done", "unverified"), null), "unverified")
    assert.strictEqual(outcomeOf(of("done", "skipped"), { outcome: "credentials", detail: "" }), "credentials")
    assert.strictEqual(outcomeOf(of("done", "done"), { outcome: "records", detail: "" }), "records")
    const zeros = Outcome.literals.filter((outcome) => exitCodeOf(outcome) === 0)
    assert.deepStrictEqual(zeros, ["done", "nothing"])
  })
})
