import { assert, describe, it } from "@effect/vitest"
import { DateTime, FastCheck as fc, Schema } from "effect"
import { sarifOf } from "../../src/scan/Sarif.ts"
import { encodeScanReport, ScanFinding, ScanReport } from "../../src/scan/ScanReport.ts"
import { alpha, idOf } from "./keys.ts"
import { sarifFaults } from "./SarifSchema.ts"

const empty: ScanReport = {
  schema: "keysweep.scan/1",
  at: DateTime.unsafeMake("2026-11-21T12:00:00Z"),
  complete: true,
  files: 0,
  bytes: 0,
  blobs: null,
  findings: [],
  unscanned: []
}

const finding: ScanFinding = {
  path: "a/b.env",
  line: 3,
  column: 7,
  offset: null,
  secret: "proxy-key",
  key: idOf(alpha),
  known: true,
  kind: "text",
  commit: null
}

const anyFinding: fc.Arbitrary<ScanFinding> = fc.record({
  path: fc.oneof(fc.fullUnicodeString({ minLength: 1 }), fc.string16bits({ minLength: 1 }), fc.webPath()),
  line: fc.option(fc.integer({ min: 1 })),
  column: fc.option(fc.integer({ min: 1 })),
  offset: fc.option(fc.nat()),
  secret: fc.constantFrom("proxy-key", "master-key", "dev-key"),
  key: fc.option(fc.constant(idOf(alpha))),
  known: fc.boolean(),
  kind: fc.constantFrom("text", "base64", "name"),
  commit: fc.option(fc.constant("4f1d2c3b4a5968778695a4b3c2d1e0f987654321"))
})

describe("SARIF", () => {
  it("is valid by the published schema when nothing was found", () => {
    assert.deepStrictEqual(sarifFaults(sarifOf(empty, "1.0.0")), [])
  })

  it("is valid by the published schema whatever was found, and whatever the paths are", () => {
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 8 }), fc.boolean(), (findings, complete) => {
        const unscanned = complete ? [] : findings.map(({ path }) => ({ path, reason: "it cannot be read (EIO)" }))
        assert.deepStrictEqual(sarifFaults(sarifOf({ ...empty, complete, findings, unscanned }, "1.0.0")), [])
      })
    )
  })

  it("the validator finds faults", () => {
    const log = sarifOf({ ...empty, findings: [finding] }, "1.0.0")
    const [run] = log.runs
    assert.notDeepEqual(sarifFaults({ ...log, version: "2.0.0" }), [])
    assert.notDeepEqual(sarifFaults({ ...log, runs: [{ ...run, columnKind: "bytes" }] }), [])
    assert.notDeepEqual(sarifFaults({ ...log, runs: [{ ...run, results: [{ level: "error" }] }] }), [])
  })

  it("points at the place, and encodes a path so that it is nothing but a path", () => {
    const of = (path: string) => {
      const [run] = sarifOf({ ...empty, findings: [{ ...finding, path }] }, "1.0.0").runs
      return run.results[0]?.locations[0].physicalLocation
    }
    assert.deepStrictEqual(of("a/b.env"), {
      artifactLocation: { uri: "a/b.env" },
      region: { startLine: 3, startColumn: 7 }
    })
    assert.strictEqual(of("javascript:x")?.artifactLocation.uri, "javascript%3Ax")
    assert.strictEqual(of("a b/ü?#%\n\\")?.artifactLocation.uri, "a%20b/%C3%BC%3F%23%25%0A%5C")
  })

  it("a result keeps its fingerprint when lines move, and two of one key in one file have two", () => {
    const prints = (...findings: ReadonlyArray<ScanFinding>) =>
      sarifOf({ ...empty, findings }, "1.0.0").runs[0].results.map(({ partialFingerprints }) => partialFingerprints)
    const [one, two] = prints(finding, { ...finding, line: 9 })
    assert.notDeepEqual(one, two)
    assert.deepStrictEqual(prints({ ...finding, line: 44 }, { ...finding, line: 50 }), [one, two])
    assert.notDeepEqual(prints({ ...finding, path: "a/c.env" }), [one])
  })

  it("a scan that is not complete is not a successful run", () => {
    const [run] = sarifOf(
      { ...empty, complete: false, unscanned: [{ path: "x", reason: "it does not exist" }] },
      "1"
    ).runs
    assert.strictEqual(run.invocations[0].executionSuccessful, false)
    assert.strictEqual(
      run.invocations[0].toolExecutionNotifications[0]?.message.text,
      "Not searched: it does not exist."
    )
  })
})

describe("the document keysweep.scan/1", () => {
  it("is read back as it was written", () => {
    const report = { ...empty, findings: [finding] }
    const document: unknown = JSON.parse(JSON.stringify(encodeScanReport(report)))
    assert.deepStrictEqual(Schema.decodeUnknownSync(ScanReport)(document), report)
    assert.include(JSON.stringify(document), '"at":"2026-11-21T12:00:00.000Z"')
  })
})
