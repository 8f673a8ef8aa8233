import { assert, describe, it } from "@effect/vitest"
import { auditOf } from "../src/Audit.ts"
import { auditSarifOf } from "../src/AuditSarif.ts"
import { inventoryOf } from "../src/Inventory.ts"
import { sarifFaults } from "./scan/SarifSchema.ts"
import { readingOf } from "./support.ts"

const reportOf = (...reading: Parameters<typeof readingOf>) => auditOf(inventoryOf(readingOf(...reading)))

describe("An audit as SARIF", () => {
  it("is valid by the published schema, also when empty or partial", () => {
    for (const report of [reportOf([]), reportOf([], 1), reportOf([{ name: "a" }, { name: "a", is_active: false }])]) {
      const sarif = auditSarifOf(report, "1.2.3")
      assert.deepStrictEqual(sarifFaults(sarif), [])
      assert.strictEqual(sarif.runs[0]?.results.length, report.findings.length)
      assert.strictEqual(sarif.runs[0]?.invocations[0]?.executionSuccessful, !report.partial)
    }
  })

  it("names keys by their ids only, each result once, under a rule of its own", () => {
    const report = reportOf([{ name: "<script>production</script>" }, { name: "::error::x" }])
    const sarif = auditSarifOf(report, "1.2.3")
    const text = JSON.stringify(sarif)
    assert.notInclude(text, "<script")
    assert.notInclude(text, "::error")
    const [run] = sarif.runs
    const prints = run?.results.map((it) => it.partialFingerprints["keysweepFinding/v1"]) ?? []
    assert.strictEqual(new Set(prints).size, report.findings.length)
    for (const { level, ruleId, ruleIndex } of run?.results ?? []) {
      assert.strictEqual(run?.tool.driver.rules[ruleIndex]?.id, ruleId)
      assert.include(["note", "warning", "error"], level)
    }
  })
})
