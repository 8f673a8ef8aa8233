import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { auditOf, auditOutcome, encodeAuditReport } from "../src/Audit.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { policyTest } from "../src/PolicyTest.ts"
import { ownersIn, parseSettings } from "../src/Settings.ts"
import { readingOf, seconds } from "./support.ts"

const tidy = {
  model_whitelist: ["gpt-4o"],
  ip_whitelist: ["192.0.2.1"],
  expires_at: seconds + 90 * 86_400,
  used_ammount: 5,
  last_used: seconds
}

describe("Audit", () => {
  it("names the worst first, and fails at the severity that it is told to", () => {
    const report = auditOf(
      inventoryOf(
        readingOf([
          { ...tidy, name: "tidy" },
          { name: "open", last_used: seconds }
        ])
      )
    )
    assert.deepStrictEqual([...new Set(report.findings.map(({ name }) => name))], ["open"])
    assert.strictEqual(report.findings[0]?.severity, "error")
    assert.strictEqual(auditOutcome(report, "error"), "findings")
    assert.strictEqual(auditOutcome(report, "never"), "done")
    assert.strictEqual(auditOutcome(auditOf(inventoryOf(readingOf([tidy]))), "note"), "done")
  })

  it("an account that was not read whole is never done", () => {
    assert.strictEqual(auditOutcome(auditOf(inventoryOf(readingOf([tidy], 1))), "never"), "partial")
  })

  it("I8: holds no secret", () => {
    const report = auditOf(inventoryOf(readingOf([{ name: "ek-proxy-0123456789abcdef" }])))
    assert.notInclude(JSON.stringify(encodeAuditReport(report)), "ek-")
  })
})

describe("Policy test", () => {
  it("says of each key which rules touch it", () => {
    const settings = Either.getOrThrow(
      parseSettings(
        "keysweep.yaml",
        "protected: [{ name: 'prod-*' }]\nowners: [{ name: 'ci-*', person: Ada }]\nautomatic: [{ action: delete, finding: expired }]"
      )
    )
    const reading = readingOf([
      { name: "prod-web", expires_at: seconds - 1 },
      { name: "ci-build", expires_at: seconds - 1 },
      { name: "other" }
    ])
    const report = policyTest(settings, inventoryOf(reading, ownersIn(settings)))
    assert.deepStrictEqual(
      report.keys.map((key) => [key.name, key.protected !== null, key.owner, key.automatic.join()]),
      [
        ["prod-web", true, null, ""],
        ["ci-build", false, "Ada", "delete"],
        ["other", false, null, ""]
      ]
    )
    assert.isTrue(report.keys[2]?.findings.includes("unknown-owner"))
  })
})
